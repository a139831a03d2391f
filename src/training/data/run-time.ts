import type { RunTiming } from '../../protocol/run-timing';
import { augments, repeatsPictures } from '../../recipe/augmentation';
import type { Recipe } from '../../recipe/schema';
import { checkpointInterval, weightsInterval } from './storing-intervals';
import type { RunPlan } from './plan';

/** What a run is expected to take, in seconds, and what of it. */
export interface RunTime {
  readonly total: number;
  /** Between these the total lies by how often weights become the best, which are then stored. */
  readonly least: number;
  readonly most: number;
  /** All steps, as they are once every sample is known. */
  readonly steps: number;
  /** What samples take besides where they are seen for the first time. */
  readonly firstSight: number;
  /** All evaluations, that of the base model among them, and how many they are. */
  readonly evaluations: number;
  readonly evaluationCount: number;
  /** Weights and checkpoints are stored. */
  readonly storing: number;
}

/** Share of the evaluations of a run that learns which find better weights than before. */
const betterShare = 2 / 3;

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
  const work = timing.start + steps + firstSight + evaluations;
  const lasts = Math.min(evaluateEvery === 0 ? totalSteps : later, Math.floor((1000 * work) / weightsInterval)) + 1;
  const picks = recipe.restoreBest && evaluateEvery > 0;
  const stored = (savings: number): number => {
    const saved = savings * timing.weights;
    // One at the end, whatever the interval.
    const checkpoints = 1 + Math.floor((1000 * (work + saved)) / checkpointInterval(1000 * timing.checkpoint));
    return saved + checkpoints * timing.checkpoint;
  };
  const storing = stored(picks ? Math.max(1, betterShare * later) : lasts);
  return {
    total: work + storing,
    least: work + (picks ? stored(1) : storing),
    most: work + (picks ? stored(later) : storing),
    steps,
    firstSight,
    evaluations,
    evaluationCount,
    storing,
  };
}
