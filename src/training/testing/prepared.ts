import type { Executor } from '../../engine/executor';
import type { Recipe } from '../../recipe/schema';
import { imagesOf, pairsOf, type DatasetView } from '../data/dataset-view';
import { planRun } from '../data/plan';
import { DeviceLock } from '../device-lock';
import type { PixelReader } from '../features/samples';
import type { ModelHandle } from '../model-handle';
import { createRunTask, groupsOf } from '../services/run-task';

interface Prepared {
  readonly executor: Executor;
  readonly model: ModelHandle;
  readonly view: DatasetView;
  readonly recipe: Recipe;
  readonly pixels: PixelReader;
  /** Whether pictures are augmented at random, which decodes stored ones. */
  readonly augmented?: boolean;
  /** Parts that batches are computed in; absent: as the recipe says. */
  readonly microBatches?: number | undefined;
}

/** What a session of a recipe is given, made as for a run of the studio but with nothing kept on disk. */
export async function preparedRun({
  executor,
  model,
  view,
  recipe,
  pixels,
  augmented = false,
  microBatches,
}: Prepared) {
  const lock = new DeviceLock();
  const still = augmented ? recipe : { ...recipe, augmentCrop: 0, augmentFlip: false, augmentColor: 0 };
  const planned = planRun(recipe, pairsOf(view, imagesOf(view, 'train')).length, imagesOf(view, 'validation').length);
  const plan = microBatches === undefined ? planned : { ...planned, microBatches };
  const { signal } = new AbortController();
  const made = await createRunTask({ model, view, recipe: still, plan, executor, lock, pixels, cache: null, signal });
  const { task, store, dispose } = made;
  return { plan, task, store, device: { executor, store, lock }, groups: groupsOf(model, recipe, task), dispose };
}
