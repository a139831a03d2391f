import type { Run } from '../../runs/types';
import type { SweepPlan } from '../../sweeps/types';

/**
 * How long a run of a sweep takes, by the newest run that trained the same layers of the same model on the same data; null where there is none.
 *
 * @param steps of a whole run
 * @param runs newest first
 */
export function runSeconds(
  { recipe, dataset }: Pick<SweepPlan, 'recipe' | 'dataset'>,
  steps: number,
  runs: readonly Run[],
): { readonly seconds: number; readonly by: string } | null {
  const like = runs.find(
    (run) =>
      run.dataset.id === dataset.id &&
      run.recipe.model === recipe.model &&
      run.recipe.task.type === recipe.task.type &&
      run.recipe.method.freeze === recipe.method.freeze &&
      run.stepsDone > 1 &&
      run.seconds > 0,
  );
  if (like === undefined) return null;
  const perStep = like.seconds / like.stepsDone;
  const share = recipe.batchSize / like.recipe.batchSize;
  return { seconds: steps * perStep * share, by: like.name };
}
