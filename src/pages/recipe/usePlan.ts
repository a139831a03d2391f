import { useMemo } from 'react';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import { planRun, type RunPlan } from '../../training/data/plan';
import type { ModelSummary } from '../../protocol/models';
import { useSplitCounts } from '../useSplitCounts';

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
  return useModelStore((state) => (state.model?.id === wanted ? state.model : null));
}
