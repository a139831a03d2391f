import { estimateTrainingMemory, type MemoryEstimate } from '../model/memory';
import { repeatsPictures } from '../recipe/augmentation';
import type { Recipe } from '../recipe/schema';
import { trainableGroups } from '../recipe/trainable';
import type { ModelSummary } from '../training/protocol';

/**
 * Bytes of a training step by purpose, captions counted at their longest; null where nothing is trained.
 *
 * @param batch pairs of a step
 */
export function trainingMemory(recipe: Recipe, model: ModelSummary, batch: number): MemoryEstimate | null {
  const trained = trainableGroups(recipe, model.groups);
  if (trained.size === 0) return null;
  return estimateTrainingMemory(model.config, {
    batch,
    trainableGroups: trained,
    optimizer: { type: recipe.optimizer, momentum: recipe.momentum },
    cachedImages: repeatsPictures(recipe),
    cachedTexts: true,
  });
}
