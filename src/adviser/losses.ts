import { writesWords } from '../recipe/tasks/words';
import { lossMetric } from '../tasks/metrics';
import type { Evidence } from './evidence';

/** Readings of the validation loss. */

export function validationLosses({ evaluations }: Evidence): readonly number[] {
  return evaluations.map(({ metrics }) => metrics[lossMetric] ?? NaN);
}

/** What the validation loss was three quarters of the way and is now, where it is at its lowest and still falls at an even pace; else null. */
export function fallingLoss(evidence: Evidence): { readonly threeQuarters: number; readonly last: number } | null {
  const losses = validationLosses(evidence);
  const start = evidence.baseline?.[lossMetric] ?? NaN;
  if (losses.length < 4) return null;
  const [last, threeQuarters] = [losses.at(-1) ?? NaN, losses[Math.floor(0.75 * (losses.length - 1))] ?? NaN];
  const gained = start - last;
  // A rate that falls to nothing slows down by itself: what is gained late is the more telling.
  const falls = gained > 0.015 * start && threeQuarters - last > 0.12 * gained;
  return falls && last - Math.min(...losses) < 0.02 * gained ? { threeQuarters, last } : null;
}

/** A model that learns to write in other words writes worse for a while, until the new ones hold together: its validation loss tells that it gets on. */
export function learnsToWriteAnew(evidence: Evidence): boolean {
  return writesWords(evidence.recipe.task.type) && fallingLoss(evidence) !== null;
}
