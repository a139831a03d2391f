import type { Executor } from '../../src/engine/executor';
import type { RecipeChange } from '../../src/recipe/fields';
import type { StepMetrics } from '../../src/protocol/training';
import type { Run } from '../../src/runs/types';
import { datasetView, imagesOf, type DatasetView } from '../../src/training/data/dataset-view';
import { taughtView } from '../../src/training/data/taught-view';
import type { ModelHandle } from '../../src/training/model-handle';
import { Recorder } from '../../src/training/session/recorder';
import { Reporter } from '../../src/training/session/reporter';
import { TrainingSession } from '../../src/training/session/session';
import { MemoryStorage, recipeOf, runOf } from '../../src/training/testing/fakes';
import { preparedRun } from '../../src/training/testing/prepared';
import { tinyGenerator } from '../../src/training/testing/tiny-generator';
import { tinyModel } from '../../src/training/testing/tiny-model';
import type { DrawnData } from './data';
import { usual, type TaughtTask } from './kinds';

export interface Subject {
  readonly executor: Executor;
  readonly model: ModelHandle;
  readonly task: TaughtTask;
  readonly data: DrawnData;
  readonly seed: number;
}

export interface TrainedRun {
  /** As the studio would have stored it. */
  readonly run: Run;
  readonly rows: readonly StepMetrics[];
  readonly view: DatasetView;
  /** The model with the last weights. */
  readonly model: ModelHandle;
}

export function baseModel(task: TaughtTask, seed: number): ModelHandle {
  return task === 'captioning' ? tinyGenerator(seed) : tinyModel(seed);
}

/** Trains the usual recipe with some changes as the studio does, with nothing kept on disk. */
export async function trainRun(
  { executor, model, task, data, seed }: Subject,
  changes: RecipeChange,
): Promise<TrainedRun> {
  const { dataset, records, pixels } = data;
  // The words of the tiny model are those of the captions alone.
  const words: RecipeChange = task === 'classification' ? { promptTemplate: '{}' } : {};
  const recipe = recipeOf({ model: model.id, ...usual, ...words, ...changes, task, seed });
  const byWords = task === 'contrastive' || task === 'captioning';
  const view = byWords ? await datasetView(dataset, records) : await taughtView(dataset, records, recipe);
  const prepared = await preparedRun({ executor, model, view, recipe, pixels });
  const { plan, task: taught, device, groups, store, dispose } = prepared;
  const storage = new MemoryStorage();
  let clock = 0;
  const now = (): number => (clock += 10);
  const recorder = new Recorder(runOf(recipe), now, storage);
  await new TrainingSession({
    recipe,
    plan,
    task: taught,
    device,
    groups,
    recorder,
    reporter: new Reporter('run', () => undefined, now),
    now,
  }).run();
  const learnt = await store.read(taught.trainable.filter((name) => model.tensors.has(name)));
  dispose();
  const { record } = recorder;
  const images = (split: 'train' | 'validation' | 'test'): number => imagesOf(view, split).length;
  const counts = { train: images('train'), validation: images('validation'), test: images('test') };
  const { stepsPerEpoch, batchSize, microBatches, evaluateEvery, totalSteps } = plan;
  const run: Run = {
    ...record,
    totalSteps,
    plan: { stepsPerEpoch, batchSize, microBatches, evaluateEvery },
    dataset: { ...record.dataset, id: dataset.id, images: records.length, ...counts },
  };
  return {
    run,
    rows: [...storage.rows.values()].flat(),
    view,
    model: { ...model, tensors: new Map([...model.tensors, ...learnt]) },
  };
}
