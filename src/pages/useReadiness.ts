import { useMemo } from 'react';
import { pictureOf } from '../dataset/sample';
import type { SampleRecord } from '../dataset/types';
import { catalogue, embeddedModel, embeddedWriter, isEmbedded } from '../model/catalogue';
import { checkReadiness, type Finding } from '../recipe/checks';
import type { Recipe } from '../recipe/schema';
import { writesWords } from '../recipe/tasks/words';
import { useDataStore } from '../stores/data';
import { useMachineStore } from '../stores/machine';
import { useModelStore } from '../stores/model';
import { knowledgeOfBase } from '../stores/knowledge';
import { machineOf } from '../stores/readiness';
import { useEvaluations } from '../stores/evaluation';
import { useRecipeStore } from '../stores/recipe';
import { useRunStore } from '../stores/run';
import { taskOf } from '../tasks';
import { useRunMemory } from './useRunMemory';
import { useSplitCounts } from './useSplitCounts';

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
  const { shortage } = useRunMemory();
  return useMemo(() => {
    // A link or a run may have named another model, which opens only now.
    const opened = model?.id === recipe.model ? model : null;
    return checkReadiness(recipe, {
      dataset:
        dataset === null
          ? null
          : {
              ...counts,
              by: taskOf(recipe).from,
              sample: dataset.origin !== 'files',
              photographs: arePhotographs(images),
            },
      model: opened === null ? null : { ...opened, drawingsOnly: isEmbedded(opened.id) },
      knowledge: knowledgeOfBase(recipe.model, dataset, runs ?? [], evaluations),
      modelProblem,
      shortage,
      machine: machineOf(capabilities),
      needs: taskOf(recipe).needs,
      embedded: embeddedFor(recipe),
      busy: training ? 'training' : importing ? 'importing' : null,
    });
  }, [
    recipe,
    counts,
    dataset,
    images,
    runs,
    evaluations,
    model,
    modelProblem,
    shortage,
    importing,
    capabilities,
    training,
  ]);
}

/** The model that ships with the studio and can be taught what a recipe teaches; null where none does. */
function embeddedFor({ task }: Recipe): { readonly id: string; readonly name: string } | null {
  const id = writesWords(task.type) ? embeddedWriter : embeddedModel;
  return catalogue.find((entry) => entry.id === id) ?? null;
}

/** Photographs are stored as JPEG, drawings seldom. */
function arePhotographs(images: readonly SampleRecord[]): boolean {
  return 2 * images.filter((image) => pictureOf(image).type === 'image/jpeg').length > images.length;
}
