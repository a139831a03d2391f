import { useMemo } from 'react';
import { checkReadiness, type Finding, type Situation } from '../recipe/checks';
import type { Recipe } from '../recipe/schema';
import { useProjectStore } from '../stores/project';
import { countSplits, machineOf, type SplitCounts } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';
import { memoryCapacity } from '../training/capacity';
import { planRun } from '../training/plan';
import type { Capabilities, ModelSummary } from '../training/protocol';
import { trainingMemory } from './trainingMemory';

/** The counts of the dataset in use. */
export function useSplitCounts(): SplitCounts {
  const images = useProjectStore((state) => state.images);
  return useMemo(() => countSplits(images), [images]);
}

/** Everything that stands in the way of a run with the current recipe, blockers first (`blockingReason` gives the sentence for a button). */
export function useReadiness(): readonly Finding[] {
  const recipe = useRecipeStore((state) => state.recipe);
  const counts = useSplitCounts();
  const hasDataset = useProjectStore((state) => state.dataset !== null);
  const model = useProjectStore((state) => state.model);
  const modelProblem = useProjectStore((state) => state.modelProblem);
  const importing = useProjectStore((state) => state.importing !== null);
  const capabilities = useProjectStore((state) => state.capabilities);
  const training = useRunStore((state) => state.active !== null);
  return useMemo(() => {
    // A link or a run may have named another model, which opens only now.
    const opened = model?.id === recipe.model ? model : null;
    return checkReadiness(recipe, {
      dataset: hasDataset ? counts : null,
      model: opened,
      modelProblem,
      memory: memoryNeed(recipe, opened, capabilities, counts),
      machine: machineOf(capabilities),
      busy: training ? 'training' : importing ? 'importing' : null,
    });
  }, [recipe, counts, hasDataset, model, modelProblem, importing, capabilities, training]);
}

/** What a step needs against what there is, where a page can know that: a GPU does not tell. */
function memoryNeed(
  recipe: Recipe,
  model: ModelSummary | null,
  capabilities: Capabilities | null,
  { trainPairs, validation }: SplitCounts,
): Situation['memory'] {
  if (model === null || capabilities === null || trainPairs < 2) return null;
  const available = memoryCapacity[capabilities.chosen];
  if (!Number.isFinite(available)) return null;
  const needed = trainingMemory(recipe, model, planRun(recipe, trainPairs, validation).batchSize)?.total;
  return needed === undefined ? null : { needed, available };
}
