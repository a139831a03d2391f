import type { RunTiming } from '../../protocol/run-timing';
import { augments, repeatsPictures } from '../../recipe/augmentation';
import type { Recipe } from '../../recipe/schema';
import type { RunPlan } from './plan';

/** What a run is expected to take, in seconds, and what of it. */
export interface RunTime {
  readonly total: number;
  /** All steps, as they are once every sample is known. */
  readonly steps: number;
  /** What samples take besides where they are seen for the first time. */
  readonly firstSight: number;
  /** All evaluations, that of the base model among them, and how many they are. */
  readonly evaluations: number;
  readonly evaluationCount: number;
}

/**
 * The time of a run, put together from what its parts take.
 *
 * @param known an earlier run has seen the same samples with the same layers frozen, so that what these make of them is kept
 */
export function runTime(
  timing: RunTiming,
  { totalSteps, stepsPerEpoch, evaluateEvery }: Pick<RunPlan, 'totalSteps' | 'stepsPerEpoch' | 'evaluateEvery'>,
  recipe: Recipe,
  known = false,
): RunTime {
  const views = augments(recipe) ? Math.max(1, recipe.cachedViews) : 1;
  const steps = totalSteps * timing.step;
  const kept = known && repeatsPictures(recipe);
  const firstSight = kept ? 0 : Math.min(totalSteps, views * stepsPerEpoch) * timing.firstSight;
  const later = evaluateEvery === 0 ? 0 : Math.ceil(totalSteps / evaluateEvery);
  const evaluations =
    evaluateEvery === 0 ? 0 : (kept ? timing.evaluation : timing.firstEvaluation) + later * timing.evaluation;
  const evaluationCount = evaluateEvery === 0 ? 0 : 1 + later;
  return { total: timing.start + steps + firstSight + evaluations, steps, firstSight, evaluations, evaluationCount };
}
