import type { Executor, ParameterStore } from '../../engine/executor';
import type { Recipe } from '../../recipe/schema';
import type { FeatureCache } from '../../storage/feature-cache/feature-cache';
import type { DatasetView } from '../data/dataset-view';
import type { RunPlan } from '../data/plan';
import { yieldToMessages, type DeviceLock } from '../device-lock';
import { AugmentedPixels, augmentationOf } from '../features/augmented-pixels';
import type { PixelReader } from '../features/samples';
import { createWeightStore, type OwnValues } from '../features/weight-store';
import type { ModelHandle } from '../model-handle';
import { parameterGroups, type Layer } from '../session/parameter-groups';
import { workerOf } from '../tasks';
import type { TrainingTask } from '../tasks/task';

export interface RunTaskOptions {
  readonly model: ModelHandle;
  readonly view: DatasetView;
  readonly recipe: Recipe;
  readonly plan: Pick<RunPlan, 'stepsPerEpoch' | 'batchSize' | 'microBatches'>;
  readonly executor: Executor;
  readonly lock: DeviceLock;
  readonly pixels: PixelReader;
  /** Keeps outputs of frozen layers on disk; null where nothing does. */
  readonly cache: FeatureCache | null;
  readonly signal: AbortSignal;
}

/** What a run is about to train, with the base weights on the device. */
export interface RunTask {
  readonly task: TrainingTask;
  readonly store: ParameterStore;
  /** Tensors that the task adds to the model, as the run begins with them. */
  readonly own: readonly OwnValues[];
  readonly dispose: () => void;
}

/** Puts the weights on the device and makes the task of a recipe on some data. */
export async function createRunTask(options: RunTaskOptions): Promise<RunTask> {
  const { model, view, recipe, plan, executor, lock, pixels, cache, signal } = options;
  const worker = workerOf(recipe);
  const own = worker.own({ model, view, recipe });
  const store = await createWeightStore(model, null, executor, lock, own);
  try {
    signal.throwIfAborted();
    const augmentation = augmentationOf(recipe);
    const views = augmentation === null ? null : new AugmentedPixels(model, augmentation, recipe.seed);
    const task = await worker.create({
      model,
      view,
      recipe,
      plan,
      device: { executor, store, lock },
      pixels,
      augmented: views && {
        side: views.side,
        view: (image, epoch) => views.view(pictureAt(view, image), epoch),
      },
      cache,
      pause: async () => {
        await yieldToMessages();
        signal.throwIfAborted();
      },
    });
    const dispose = (): void => {
      task.dispose();
      store.dispose();
    };
    return { task, store, own, dispose };
  } catch (error) {
    store.dispose();
    throw error;
  }
}

/** How what a recipe trains of a model is updated. */
export function groupsOf({ architecture }: Pick<ModelHandle, 'architecture'>, recipe: Recipe, task: TrainingTask) {
  return parameterGroups([...architecture.groups, ownLayer(task)], recipe, task);
}

/** What a task adds to the model as a layer behind all others. */
function ownLayer({ own }: Pick<TrainingTask, 'own'>): Layer {
  return { id: 'head', tower: null, kind: 'projection', index: null, tensors: own };
}

function pictureAt(view: DatasetView, index: number) {
  const image = view.images[index];
  if (image === undefined) throw new Error(`There is no picture ${index}.`);
  return image;
}
