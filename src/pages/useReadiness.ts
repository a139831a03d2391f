import { useMemo } from 'react';
import { checkReadiness, type Finding } from '../recipe/checks';
import { useProjectStore } from '../stores/project';
import { countSplits, machineOf, type SplitCounts } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';

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
  return useMemo(
    () =>
      checkReadiness(recipe, {
        dataset: hasDataset ? counts : null,
        // A link or a run may have named another model, which opens only now.
        model: model?.id === recipe.model ? model : null,
        modelProblem,
        memory: null,
        machine: machineOf(capabilities),
        busy: training ? 'training' : importing ? 'importing' : null,
      }),
    [recipe, counts, hasDataset, model, modelProblem, importing, capabilities, training],
  );
}
