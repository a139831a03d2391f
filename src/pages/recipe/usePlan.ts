import { useDeferredValue, useMemo } from 'react';
import { estimateTrainingMemory, type MemoryEstimate } from '../../model/memory';
import type { Recipe } from '../../recipe/schema';
import { trainableGroups } from '../../recipe/trainable';
import { useProjectStore } from '../../stores/project';
import { useRecipeStore } from '../../stores/recipe';
import { planRun, type RunPlan } from '../../training/plan';
import type { ModelSummary } from '../../training/protocol';
import { useSplitCounts } from '../useReadiness';

/** How the recipe plays out on the pictures in use; null while there are too few. */
export function useRunPlan(): RunPlan | null {
  const recipe = useRecipeStore((state) => state.recipe);
  const { trainPairs, validation } = useSplitCounts();
  return useMemo(
    () => (trainPairs < 2 ? null : planRun(recipe, trainPairs, validation)),
    [recipe, trainPairs, validation],
  );
}

/** The model of the recipe, once it is open. */
export function useRecipeModel(): ModelSummary | null {
  const wanted = useRecipeStore((state) => state.recipe.model);
  return useProjectStore((state) => (state.model?.id === wanted ? state.model : null));
}

/** Bytes of a training step by purpose; null while the model is not open or nothing is trained. */
export function useMemoryEstimate(): MemoryEstimate | null {
  const model = useRecipeModel();
  // Building the graph of a large model takes some milliseconds, which typing in a field must not wait for.
  const recipe = useDeferredValue(useRecipeStore((state) => state.recipe));
  const batch = useRunPlan()?.batchSize ?? recipe.batchSize;
  return useMemo(() => (model === null ? null : memoryOf(recipe, model, batch)), [recipe, model, batch]);
}

/** The estimate for a recipe. Captions are counted at their longest. */
export function memoryOf(recipe: Recipe, model: ModelSummary, batch: number): MemoryEstimate | null {
  const trained = trainableGroups(recipe, model.groups);
  if (trained.size === 0) return null;
  return estimateTrainingMemory(model.config, {
    batch,
    trainableGroups: trained,
    optimizer: { type: recipe.optimizer, momentum: recipe.momentum },
    cachedImages: recipe.augmentCrop === 0 && !recipe.augmentFlip && recipe.augmentColor === 0,
    cachedTexts: true,
  });
}
