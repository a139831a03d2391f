import { useDeferredValue, useMemo } from 'react';
import type { MemoryEstimate } from '../../model/memory';
import { useMachineStore } from '../../stores/machine';
import { useModelStore } from '../../stores/model';
import { useRecipeStore } from '../../stores/recipe';
import { planRun, type RunPlan } from '../../training/data/plan';
import type { ModelSummary } from '../../protocol/protocol';
import { runMemory } from '../../training/session/run-memory';
import { runSituation, useSplitCounts } from '../useReadiness';

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

/** What most machines turn out to be, until this one is known. */
const expected = { chosen: 'webgpu', mixedPrecision: false } as const;

/** Bytes of a run by purpose; null while the model is not open or nothing is trained. */
export function useMemoryEstimate(): MemoryEstimate | null {
  const model = useRecipeModel();
  // Building the graph of a large model takes some milliseconds, which typing in a field must not wait for.
  const recipe = useDeferredValue(useRecipeStore((state) => state.recipe));
  const counts = useSplitCounts();
  const capabilities = useMachineStore((state) => state.capabilities) ?? expected;
  return useMemo(() => {
    if (model === null) return null;
    // Without pictures the batch is what the recipe says.
    const trainPairs = counts.trainPairs < 2 ? recipe.batchSize : counts.trainPairs;
    return runMemory(recipe, runSituation(model, capabilities, { ...counts, trainPairs }));
  }, [recipe, model, capabilities, counts]);
}
