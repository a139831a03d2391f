import type { SampleRecord } from '../src/dataset/types';
import type { Executor } from '../src/engine/executor';
import { defaultRecipe, withFields, type RecipeChange } from '../src/recipe/fields';
import { datasetView, type DatasetView } from '../src/training/data/dataset-view';
import type { ModelHandle } from '../src/training/model-handle';
import { Recorder } from '../src/training/session/recorder';
import { Reporter } from '../src/training/session/reporter';
import { TrainingSession } from '../src/training/session/session';
import type { TrainingTask } from '../src/training/tasks/task';
import { MemoryStorage, runOf } from '../src/training/testing/fakes';
import { preparedRun } from '../src/training/testing/prepared';
import type { EpochFigures, EpochOptions, EpochResult } from './epoch-options';
import { brief, median, type Report } from './harness';
import { freshWeights, benchModels, usualNormalization, randomBatch } from './models';
import type { TrainMode } from './step-options';
import { clipArchitecture } from '../src/model/families/clip/family';

/** Times the epochs of runs on random pictures and captions without evaluations, everything in memory. */
export async function benchmarkEpochs(
  executor: Executor,
  options: EpochOptions,
  cpuTime: CpuTime,
  report: Report,
): Promise<EpochResult> {
  const { model, batch, pairs } = options;
  const trained: Partial<Record<TrainMode, EpochFigures>> = {};
  for (const mode of Object.keys(modes) as TrainMode[]) {
    trained[mode] = await timeRun(executor, options, modes[mode], cpuTime);
    report(`${mode}: ${JSON.stringify(trained[mode])}`);
  }
  const { full, last2, projections } = trained as Record<TrainMode, EpochFigures>;
  const against = ({ ms, cpuMs }: EpochFigures) => ({
    ms: brief(full.ms / ms),
    cpuMs: full.cpuMs === null || cpuMs === null ? null : brief(full.cpuMs / cpuMs),
  });
  const ratio = { last2: against(last2), projections: against(projections) };
  return { adapter: executor.description, model, batch, pairs, trained: { full, last2, projections }, ratio };
}

type CpuTime = () => Promise<number | null>;

/** What is trained, and for how many epochs: those that cost little are timed more often. */
const modes: Readonly<Record<TrainMode, RecipeChange>> = {
  projections: { freeze: 'projections', epochs: 11 },
  last2: { freeze: 'last-blocks', lastBlocks: 2, epochs: 4 },
  full: { freeze: 'full', epochs: 3 },
};

async function timeRun(
  executor: Executor,
  { model: name, batch, pairs }: EpochOptions,
  changes: RecipeChange,
  cpuTime: CpuTime,
): Promise<EpochFigures> {
  const { model, view, pixels } = await randomData(name, pairs);
  const recipe = withFields(defaultRecipe, { batchSize: batch, augmentCrop: 0, ...changes });
  const { plan, task, device, groups, dispose } = await preparedRun({ executor, model, view, recipe, pixels });
  const now = (): number => performance.now();
  const epochs: { readonly at: number; readonly cpu: Promise<number | null> }[] = [];
  const mark = (): number => epochs.push({ at: now(), cpu: cpuTime() });
  // The loop asks for the batches of an epoch when it begins, one step ahead in all of them.
  const timed = Object.assign(Object.create(task) as TrainingTask, {
    batches(epoch: number) {
      mark();
      return task.batches(epoch);
    },
  });
  const session = new TrainingSession({
    recipe,
    plan,
    task: timed,
    device,
    groups,
    recorder: new Recorder(runOf(recipe), now, new MemoryStorage()),
    reporter: new Reporter('bench', () => undefined, now),
    now,
  });
  const reason = await session.run();
  mark();
  const began = now();
  for (const asked of task.batches(1)) await task.inputs(asked, 1);
  const inputsMs = (now() - began) / plan.stepsPerEpoch;
  dispose();
  if (reason !== 'finished') throw session.failure;
  const cpu = await Promise.all(epochs.map((epoch) => epoch.cpu));
  const times = epochs.slice(1).map(({ at }, epoch) => at - (epochs[epoch]?.at ?? NaN));
  const later = times.length - 1;
  const [from = null, to = null] = [cpu[1], cpu.at(-1)];
  return {
    firstMs: brief(times[0] ?? NaN),
    ms: brief(median(times.slice(1))),
    cpuMs: from === null || to === null ? null : brief((to - from) / later),
    inputsMs: brief(inputsMs),
  };
}

/** A model with fresh weights and as many random pictures, each with a caption of its own, all for training. */
async function randomData(name: EpochOptions['model'], pairs: number) {
  const config = benchModels[name];
  const architecture = clipArchitecture(config);
  const { pixels, ids } = randomBatch(config, pairs, 2);
  const { maxPositions } = config.text;
  const bytes = 3 * architecture.image.pixels ** 2;
  const records = Array.from({ length: pairs }, (_, order): SampleRecord => ({
    id: `bench/${order}`,
    datasetId: 'bench',
    hash: String(order),
    media: [{ kind: 'image', path: String(order), type: 'image/png', width: 1, height: 1, bytes }],
    captions: [String(order)],
    split: 'train',
    fields: {},
    order,
  }));
  const dataset = {
    id: 'bench',
    name: 'bench',
    createdAt: 0,
    split: { seed: 1, validation: 0, test: 0 },
    origin: '',
    columns: [],
  };
  const view: DatasetView = await datasetView(dataset, records);
  const model: ModelHandle = {
    id: 'bench',
    architecture,
    tensors: freshWeights(config, 1),
    normalization: usualNormalization,
    tokenize: (caption) => {
      const from = Number(caption) * maxPositions;
      return { ids: ids.slice(from, from + maxPositions), truncated: false };
    },
    words: () => '',
    preprocess: () => new Uint8Array(bytes),
    preprocessing: 'none',
  };
  const picture = ({ order }: SampleRecord): Uint8Array => pixels.subarray(order * bytes, (order + 1) * bytes);
  return { model, view, pixels: { pixels: (image: SampleRecord) => Promise.resolve(picture(image)) } };
}
