import { useMemo } from 'react';
import type { ImageRecord } from '../dataset/types';
import { embeddedModel } from '../model/catalogue';
import { checkReadiness, type Finding, type Situation } from '../recipe/checks';
import type { Recipe } from '../recipe/schema';
import { useDataStore } from '../stores/data';
import { useMachineStore } from '../stores/machine';
import { useModelStore } from '../stores/model';
import { knowledgeOfBase } from '../stores/knowledge';
import { countSplits, machineOf, type SplitCounts } from '../stores/readiness';
import { useEvaluations } from '../stores/evaluation';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';
import { capacityOf } from '../training/compute/capacity';
import type { Capabilities, ModelSummary } from '../protocol/protocol';
import { memoryShortage, type RunSituation } from '../training/session/run-memory';

/** The counts of the dataset in use. */
export function useSplitCounts(): SplitCounts {
  const images = useDataStore((state) => state.images);
  return useMemo(() => countSplits(images), [images]);
}

/** Everything that stands in the way of a run with the current recipe, blockers first (`blockingReason` gives the sentence for a button). */
export function useReadiness(): readonly Finding[] {
  const recipe = useRecipeStore((state) => state.recipe);
  const counts = useSplitCounts();
  const dataset = useDataStore((state) => state.dataset);
  const images = useDataStore((state) => state.images);
  const runs = useRunStore((state) => state.runs);
  const evaluations = useEvaluations((state) => state.jobs);
  const model = useModelStore((state) => state.model);
  const modelProblem = useModelStore((state) => state.problem);
  const importing = useDataStore((state) => state.importing !== null);
  const capabilities = useMachineStore((state) => state.capabilities);
  const training = useRunStore((state) => state.active !== null);
  return useMemo(() => {
    // A link or a run may have named another model, which opens only now.
    const opened = model?.id === recipe.model ? model : null;
    return checkReadiness(recipe, {
      dataset:
        dataset === null
          ? null
          : { ...counts, sample: dataset.origin !== 'files', photographs: arePhotographs(images) },
      model: opened === null ? null : { ...opened, drawingsOnly: opened.id === embeddedModel },
      knowledge: knowledgeOfBase(recipe.model, dataset, runs ?? [], evaluations),
      modelProblem,
      shortage: shortageOf(recipe, opened, capabilities, counts),
      machine: machineOf(capabilities),
      busy: training ? 'training' : importing ? 'importing' : null,
    });
  }, [recipe, counts, dataset, images, runs, evaluations, model, modelProblem, importing, capabilities, training]);
}

/** Photographs are stored as JPEG, drawings seldom. */
function arePhotographs(images: readonly ImageRecord[]): boolean {
  return 2 * images.filter(({ type }) => type === 'image/jpeg').length > images.length;
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
