import type { Recipe } from '../../recipe/schema';

export interface Schedule {
  readonly type: Recipe['schedule'];
  /** Learning rate at the end of warm-up. */
  readonly peak: number;
  readonly warmupSteps: number;
  readonly totalSteps: number;
}

/** The schedule of a run of `totalSteps` optimizer steps. */
export function scheduleOf(recipe: Recipe, totalSteps: number): Schedule {
  return {
    type: recipe.schedule,
    peak: recipe.learningRate,
    warmupSteps: Math.ceil(recipe.warmupRatio * totalSteps),
    totalSteps,
  };
}

/**
 * Learning rate of a step, as Transformers' `get_constant_schedule_with_warmup`, `get_linear_schedule_with_warmup` and
 * `get_cosine_schedule_with_warmup` (half a cosine) give it.
 *
 * @param step 1 for the first step; the schedulers there count from 0, and so does the formula
 */
export function learningRateAt({ type, peak, warmupSteps, totalSteps }: Schedule, step: number): number {
  const index = step - 1;
  if (index < warmupSteps) return (peak * index) / Math.max(1, warmupSteps);
  const left = Math.max(1, totalSteps - warmupSteps);
  switch (type) {
    case 'constant':
      return peak;
    case 'linear':
      return peak * Math.max(0, (totalSteps - index) / left);
    case 'cosine':
      return peak * Math.max(0, 0.5 * (1 + Math.cos((Math.PI * (index - warmupSteps)) / left)));
    default:
      return type satisfies never;
  }
}
