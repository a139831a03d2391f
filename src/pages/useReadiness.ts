import { useMemo } from 'react';
import { checkReadiness, type Finding, type Situation } from '../recipe/checks';
import type { Recipe } from '../recipe/schema';
import { useProjectStore } from '../stores/project';
import { countSplits, machineOf, type SplitCounts } from '../stores/readiness';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';
import { capacityOf } from '../training/capacity';
import type { Capabilities, ModelSummary } from '../training/protocol';
import { memoryShortage, type RunSituation } from '../training/run-memory';

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
      shortage: shortageOf(recipe, opened, capabilities, counts),
      machine: machineOf(capabilities),
      busy: training ? 'training' : importing ? 'importing' : null,
    });
  }, [recipe, counts, hasDataset, model, modelProblem, importing, capabilities, training]);
}

/** What the memory of a run depends on besides its recipe, as far as the page knows; captions may repeat, which it does not count. */
export function runSituation(
  model: ModelSummary,
  { chosen, mixedPrecision }: Pick<Capabilities, 'chosen' | 'mixedPrecision'>,
  counts: SplitCounts,
): RunSituation {
  const { train, validation, trainPairs } = counts;
  return {
    config: model.config,
    kind: chosen,
    mixedPrecision,
    trainPairs,
    trainImages: train,
    validationImages: validation,
    texts: trainPairs + validation,
    evaluated: validation > 0,
  };
}

/** What keeps a run from fitting, where a page can know that. */
function shortageOf(
  recipe: Recipe,
  model: ModelSummary | null,
  capabilities: Capabilities | null,
  counts: SplitCounts,
): Situation['shortage'] {
  if (model === null || capabilities === null || counts.trainPairs < 2) return null;
  const { chosen, largestTensor } = capabilities;
  return memoryShortage(recipe, runSituation(model, capabilities, counts), capacityOf(chosen, largestTensor));
}
