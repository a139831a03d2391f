import type { DecodedImage } from '../../dataset/codec';
import { readImages } from '../../dataset/storage';
import type { SampleRecord } from '../../dataset/types';
import { openArchive } from '../../export/archive';
import { buildExport, type BuiltExport } from '../../export/build';
import { sameValues } from '../../export/compare';
import { ExportError } from '../../export/errors';
import { summarizeData } from '../../export/facts';
import type { ExportFormat, ReadBack } from '../../export/format';
import { chosenFormat } from '../../export/formats/writing';
import { captionerModel, wholeModel, type ExportedModel } from '../../export/model';
import { tensorValues } from '../../model/safetensors';
import { readMetrics } from '../../runs/store';
import type { WeightDelta } from '../../runs/weight-set';
import type { Backend } from '../compute/backend';
import type { DeviceLock } from '../device-lock';
import type { RequestContext } from './dispatcher';
import { Encoder } from '../features/encoder';
import { isCancelled, StudioError, throwIfCancelled } from '../../protocol/errors';
import { opened, type OpenedModel } from './models';
import type { EvaluationReport } from '../../protocol/evaluation';
import type { ExportResult } from '../../protocol/export';
import type { Requests } from '../../protocol/protocol';
import { createRandom } from '../random';
import { evaluationReport, keptMetrics } from './report';
import { withHead } from '../tasks/exported-head';
import type { Run } from '../../runs/types';
import { dataOfRun, splitsOfRun } from '../data/run-data';
import { workerOf } from '../tasks';
import { headLogits } from '../tasks/heads/linear-head';
import { headBias, headWeight } from '../tasks/heads/shape';
import { headOf } from '../tasks/heads/trained-head';
import { decodeStored } from '../features/samples';
import { runBase, type Weights, type WeightsRegistry } from './weights';

/** Exports, as the worker makes them. Nothing is handed over that was not read back from its own files and found to compute what was trained. */

export interface ExportServices {
  readonly registry: WeightsRegistry;
  readonly backend: Backend;
  readonly lock: DeviceLock;
}

/** Largest difference of an embedding's elements that an export may show when it is read back. Rounding to float16 moves them by more. */
const tolerance = { float32: 1e-4, float16: 2e-2 } as const;
/** Pictures and captions that are compared. */
const compared = 8;

type Params = Requests['exportModel']['params'];

/**
 * Builds a zip of a model in some format, reads it back as a stranger would and holds its embeddings against those of the trained model. Of both
 * there are only a few tensors in memory at a time, besides those of the base, which are there already.
 *
 * @throws StudioError `export-mismatch` when the export does not compute what was trained; ExportError
 */
export async function exportModel(
  services: ExportServices,
  params: Params,
  context: RequestContext,
): Promise<ExportResult> {
  const { registry } = services;
  const { signal, progress } = context;
  const { format, options } = chosenFormat(params.format, params.options);
  const { precision } = options;
  const weights = await registry.find(params.weights, signal);
  const { model, run } = weights;
  const { delta } = weights.set;
  // At step 0 nothing was trained: what the run offers is the base model.
  const labels = delta === null || delta.names.length === 0 ? null : (run?.labels ?? null);
  const exported =
    labels === null || delta === null || run === null
      ? writesCaptions(run)
        ? captionerModel(model.loaded, delta)
        : wholeModel(model.loaded, delta)
      : withHead(model.loaded, delta, { run, labels, kept: keptMetrics(run) });
  const obstacle = format.obstacle(exported);
  if (obstacle !== null) throw new ExportError('unsupported', obstacle);
  const data = run === null ? 'gone' : await dataOfRun(run, (id) => workerOf(run.recipe).load(id, run.recipe));
  const test = typeof data === 'string' ? null : await testReport(registry, params, data.dataset.id, context);
  const datasetId = params.datasetId ?? run?.dataset.id ?? null;
  const images = datasetId === null ? [] : (await readImages(datasetId)).items;
  const splits = run === null ? null : await splitsOfRun(run, data);
  progress({ label: 'Writing the files', done: 0, total: 3 });
  const facts = {
    name: run === null ? model.summary.name : `${model.summary.name} ${run.name}`,
    base: { id: model.id, name: model.summary.name, license: model.summary.license, card: model.loaded.card },
    baseWeights: await runBase(model),
    run,
    data: typeof data === 'string' ? null : summarizeData(data.dataset.origin, data.images),
    dataChanged: data === 'changed',
    splits,
    steps: run === null ? [] : (await readMetrics(run.id)).rows,
    test,
    examples: options.examples === 'some',
    createdAt: Date.now(),
  };
  const built = await buildExport(format, { model: exported, options, facts });
  throwIfCancelled(signal);
  progress({ label: 'Reading them back', done: 1, total: 3 });
  const back = await verify(services, format, weights, built, images);
  if (!(back.maxDifference <= tolerance[precision])) {
    throw new StudioError(
      'export-mismatch',
      `The exported model does not give the same embeddings when it is read back: they differ by up to ${back.maxDifference}. The export was discarded; try float32, and report this if it stays.`,
    );
  }
  const { fileName, zip } = built;
  return { fileName, zip, bytes: zip.size, tensors: exported.tensors.length, precision, ...back };
}

/** Whether a run has taught a model to write captions, whatever else it can do. */
function writesCaptions(run: Run | null): boolean {
  return run !== null && run.recipe.task.type === 'captioning';
}

/** Reads an export back, from its files onto the device, and compares what it computes. */
async function verify(
  { backend, lock }: ExportServices,
  format: ExportFormat,
  weights: Weights,
  { zip, content }: BuiltExport,
  images: readonly SampleRecord[],
): Promise<Pick<ExportResult, 'maxDifference' | 'frozenUnchanged'>> {
  const { model } = weights;
  const samples = { pictures: await somePictures(images), captions: someCaptions(images) };
  const archive = await openArchive(zip);
  try {
    const back = await format.readBack(archive, content);
    // Every tensor of the base gives way to one of the export.
    const copy = opened('export', { ...model.loaded, ...back.described });
    const frozen = { unchanged: true };
    const added = new Map<string, Float32Array>();
    const hasHead = content.model.tensors.some(({ stored }) => stored === null);
    const executor = await backend.executor(model);
    const trained = await weights.use((encoder) => features(encoder, model, samples, hasHead));
    const encoder = await Encoder.create(copy, readDelta(content.model, back, frozen, added), executor, lock);
    try {
      const read = await features(encoder, copy, samples, hasHead);
      const maxDifference = Math.max(
        largestDifference(trained.embeddings, read.embeddings),
        hasHead ? await logitDifference(weights, trained, added, read) : 0,
      );
      return { maxDifference, frozenUnchanged: frozen.unchanged };
    } finally {
      await encoder.dispose();
    }
  } finally {
    await archive.close();
  }
}

/**
 * What was read back as a delta of all tensors.
 *
 * @param frozen is told where a tensor that was not trained is not what it was
 * @param added takes what the base does not have
 */
function readDelta(
  { tensors, delta }: ExportedModel,
  back: ReadBack,
  frozen: { unchanged: boolean },
  added: Map<string, Float32Array>,
): WeightDelta {
  const trained = new Set(delta?.names);
  const before = new Map(tensors.map(({ name, stored }) => [name, stored]));
  return {
    names: tensors.map(({ name }) => name),
    async *read() {
      for await (const tensor of back.tensors) {
        const { name } = tensor;
        const stored = before.get(name) ?? null;
        if (stored !== null && !trained.has(name)) frozen.unchanged &&= sameValues(stored, tensor);
        const values = tensorValues(tensor);
        if (stored === null) added.set(name, values);
        yield [name, values] as const;
      }
    },
  };
}

/** Largest difference of what a head says of the pictures, before and after; relative to the largest logit where that is above 1. */
async function logitDifference(
  { set }: Weights,
  trained: Computed,
  added: ReadonlyMap<string, Float32Array>,
  read: Computed,
): Promise<number> {
  const [weight, bias] = [added.get(headWeight), added.get(headBias)];
  if (weight === undefined || bias === undefined || trained.means === null || read.means === null) return NaN;
  const logits = headLogits(await headOf(set.delta), trained.means);
  const largest = logits.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  return largestDifference([logits], [headLogits({ weight, bias }, read.means)]) / largest;
}

/** Results on the test pictures for the model card; none where the split is empty, or the data was changed or deleted in the meantime. */
async function testReport(
  registry: WeightsRegistry,
  { weights }: Params,
  datasetId: string,
  context: RequestContext,
): Promise<EvaluationReport | null> {
  try {
    const report = await evaluationReport(registry, { weights, datasetId, split: 'test' }, context);
    return report.dataChanged ? null : report;
  } catch (error) {
    if (isCancelled(error) || !(error instanceof Error && 'code' in error)) throw error;
    return null;
  }
}

interface Samples {
  readonly pictures: readonly DecodedImage[];
  readonly captions: readonly string[];
}

/** What a model makes of some samples. */
interface Computed {
  readonly embeddings: readonly Float32Array[];
  /** What a head for classes reads of the pictures; null where there is none. */
  readonly means: Float32Array | null;
}

/** What a model makes of a few pictures and captions, through its own image processor and tokenizer. */
async function features(
  encoder: Encoder,
  model: OpenedModel,
  { pictures, captions }: Samples,
  hasHead: boolean,
): Promise<Computed> {
  const pixels = (index: number): Promise<Uint8Array> => Promise.resolve(model.preprocess(pictures[index] ?? blank));
  return {
    embeddings:
      model.architecture.kind === 'pair'
        ? [await encoder.images(pictures.length, pixels), await encoder.texts(captions)]
        : [await encoder.nextWords(pictures.length, pixels, captions)],
    means: hasHead ? await encoder.readPictures(pictures.length, pixels, 'patch-mean') : null,
  };
}

const blank = { width: 1, height: 1, data: new Uint8ClampedArray(4) };

/** A few pictures of the dataset, or coloured noise where there are none. */
async function somePictures(images: readonly SampleRecord[]): Promise<readonly DecodedImage[]> {
  if (images.length > 0) return Promise.all(images.slice(0, compared).map((image) => decodeStored(image)));
  const random = createRandom(1);
  return Array.from({ length: compared }, () => ({
    width: 40,
    height: 30,
    data: new Uint8ClampedArray(40 * 30 * 4).map((_, i) => (i % 4 === 3 ? 255 : random() * 256)),
  }));
}

function someCaptions(images: readonly SampleRecord[]): readonly string[] {
  const captions = images.flatMap((image) => image.captions).slice(0, compared);
  return captions.length > 0 ? captions : ['a red circle', 'a dog', 'two shoes on a table', 'the sun'];
}

function largestDifference(a: readonly Float32Array[], b: readonly Float32Array[]): number {
  let largest = 0;
  a.forEach((values, list) => {
    values.forEach((value, index) => {
      const difference = Math.abs(value - (b[list]?.[index] ?? NaN));
      // NaN must win over every number.
      if (!(difference <= largest)) largest = difference;
    });
  });
  return largest;
}
