import { importFiles } from '../../dataset/intake';
import { importSample } from '../../dataset/samples';
import type { GivenFile } from '../../dataset/source';
import { rasterizeOnPage } from '../../dataset/svg-bridge/worker';
import type { ReadOptions } from '../../model/files';
import { Attention } from './attention';
import { Backend } from '../compute/backend';
import { capacityOf } from '../compute/capacity';
import { Copies } from './copies';
import { DeviceLock } from '../device-lock';
import type { Handlers, RequestContext, Services } from './dispatcher';
import { StudioError } from '../../protocol/errors';
import { exportModel } from './exporting';
import { LongCaptions } from './long-captions';
import { ModelLibrary } from './models';
import { groupSamples, neighbours } from './neighbours';
import { Playground } from './playground';
import type { TrainingEvent } from '../../protocol/training';
import { evaluateAndKeep } from './report';
import { testRobustness } from './robustness';
import { compareRuns } from './run-comparison';
import { memoryShortage, runMemory } from '../session/run-memory';
import { RunTimings } from './run-timing';
import { TrainingService } from './training-service';
import { WeightsRegistry } from './weights';
import { weightsDigest } from './weights-digest';
import { writeWords } from './writing';

/**
 * The services behind the protocol, put together.
 *
 * @param base folder of the page
 * @param send passes events of the run in progress to the page
 */
export function createServices(base: () => string, send: (event: TrainingEvent) => void): Services {
  const lock = new DeviceLock();
  const models = new ModelLibrary(base);
  const backend: Backend = new Backend(lock, () => registry.clear());
  const registry: WeightsRegistry = new WeightsRegistry(models, (model) => backend.executor(model), lock);
  const timings = new RunTimings({ backend, models, registry, lock });
  const makeWay = (): Promise<void> => timings.stop();
  const training = new TrainingService({ backend, models, registry, lock, send, makeWay });
  const playground = new Playground(registry);
  const attention = new Attention(registry);
  const longCaptions = new LongCaptions(models);
  const copies = new Copies();
  let handed: GivenFile[] = [];

  const handlers: Handlers = {
    async probe({ force }) {
      if (training.busy && force !== backend.choice) {
        throw new StudioError('busy', 'What is trained on can be changed when the run in progress has ended.');
      }
      return backend.probe(force);
    },
    async openModel({ model, hubBase }, context) {
      const { loaded, summary } = await models.open(model, hubBase, readOptions(context));
      // Whatever a run is used for asks for it; large weights take a moment.
      weightsDigest(loaded).catch(() => undefined);
      return summary;
    },
    nameHub({ hubBase }) {
      models.nameHub(hubBase);
      return Promise.resolve(null);
    },
    async importModel({ name, files }, context) {
      return (await models.import(name, files, readOptions(context))).summary;
    },
    async estimateMemory({ model, recipe, counts, largestTensor }, { signal }) {
      const { architecture } = await models.open(model, null, { signal });
      const situation = { ...counts, architecture };
      return {
        estimate: runMemory(recipe, situation),
        shortage: memoryShortage(recipe, situation, capacityOf(counts.kind, largestTensor)),
      };
    },
    handFiles({ files, first }) {
      if (first) handed = [];
      handed.push(...files);
      return Promise.resolve(null);
    },
    importFiles(params, { signal, progress }) {
      const files = handed;
      handed = [];
      return importFiles({ ...params, files }, { signal, onProgress: progress, rasterizeSvg: rasterizeOnPage });
    },
    makeSample: (params, { signal, progress }) => importSample(params, { signal, onProgress: progress }),
    findCopies: (params, context) => copies.find(params, context),
    longCaptions: (params, context) => longCaptions.find(params, context),
    async timeRun(params, { signal }) {
      if (training.busy) throw new StudioError('busy', 'A run is in progress.');
      return timings.time(params, signal);
    },
    train: (params, { signal }) => training.train(params, signal),
    goOn: (params, { signal }) => training.goOn(params, signal),
    pause: () => command((commands) => commands.pause()),
    resume: () => command((commands) => commands.resume()),
    stop({ keep }) {
      training.stop(keep);
      return Promise.resolve(null);
    },
    evaluateNow: () => command((commands) => commands.evaluateNow()),
    cancelEvaluation: () => command((commands) => commands.cancelEvaluation()),
    checkpointNow: () => command((commands) => commands.checkpointNow()),
    changeRun: (change) => command((commands) => commands.change(change)),
    beGentle({ gentle }) {
      training.beGentle(gentle);
      return Promise.resolve(null);
    },
    evaluate: (params, context) => evaluateAndKeep(registry, params, context),
    compareRuns: (params, context) => compareRuns(registry, params, context),
    robustness: (params, context) => testRobustness(registry, params, context),
    searchImages: (params, context) => playground.searchImages(params, context),
    searchCaptions: (params, context) => playground.searchCaptions(params, context),
    classify: (params, context) => playground.classify(params, context),
    neighbours: (params, context) => neighbours(registry, params, context),
    groupSamples: (params, context) => groupSamples(registry, params, context),
    attention: (params, context) => attention.view(params, context),
    predict: (params, context) => playground.predict(params, context),
    write: (params, context) => writeWords(registry, params, context),
    exportModel: (params, context) => exportModel({ registry, backend, lock }, params, context),
  };
  return {
    handlers,
    // What a search had no room for is gone with the search; the device is given up only if the run in progress fails too.
    onFailure: (error) => (training.busy ? Promise.resolve(error) : backend.noteFailure(error)),
  };

  function command(tell: Parameters<TrainingService['command']>[0]): Promise<null> {
    training.command(tell);
    return Promise.resolve(null);
  }
}

function readOptions({ signal, progress }: RequestContext): ReadOptions {
  return {
    signal,
    onProgress: (file, done, total) => progress({ label: `Loading ${file}`, done, total }),
    onInterrupted: (file, done, total) =>
      progress({ label: `Connection lost. ${file} goes on when it is back`, done, total }),
  };
}
