import type { Executor } from '../engine/executor';
import { clipLayerGroups } from '../model/clip/groups';
import { estimateTrainingMemory } from '../model/memory';
import { repeatsPictures } from '../recipe/augmentation';
import type { Recipe } from '../recipe/schema';
import { trainableGroups } from '../recipe/trainable';
import { memoryCapacity } from './capacity';
import { StudioError } from './errors';
import type { ModelHandle } from './model-handle';

/**
 * Refuses a run that cannot fit, before anything is moved to the device.
 *
 * @param batch rows of a step
 * @throws StudioError `does-not-fit` with what would help
 */
export function checkMemory(executor: Executor, model: ModelHandle, recipe: Recipe, batch: number): void {
  const groups = trainableGroups(recipe, clipLayerGroups(model.config));
  const estimate = (rows: number, trained: ReadonlySet<string>): number =>
    estimateTrainingMemory(model.config, {
      batch: rows,
      trainableGroups: trained,
      optimizer: { type: recipe.optimizer, momentum: recipe.momentum },
      cachedImages: repeatsPictures(recipe),
      cachedTexts: true,
    }).total;
  const available = memoryCapacity[executor.kind];
  const needed = estimate(batch, groups);
  if (needed <= available) return;
  const remedies: string[] = [];
  const smaller = [batch >> 1, batch >> 2, batch >> 3].find((rows) => rows >= 2 && estimate(rows, groups) <= available);
  if (smaller !== undefined) remedies.push(`use batches of ${smaller}`);
  const head = trainableGroups({ ...recipe, freeze: 'projections' }, clipLayerGroups(model.config));
  if (estimate(batch, head) <= available) remedies.push('train the projections only');
  const advice = remedies.length === 0 ? 'choose a smaller model' : remedies.join(', or ');
  throw new StudioError(
    'does-not-fit',
    `This run needs about ${inGigabytes(needed)} and ${executor.description} can hold ${inGigabytes(available)}. To make it fit, ${advice}.`,
  );
}

function inGigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
