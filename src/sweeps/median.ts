import type { Evaluation } from '../protocol/training';
import { valueOf, type MetricDescription } from '../tasks/metrics';
import { isBetter } from './objective';

/** Trials that have to have come to their end before one is held against them, and the share of its own length that each may use first. */
const fewest = 4;
const share = 0.25;

/** What there is to know of a run to hold it against others. */
export interface Curve {
  readonly evaluations: readonly Evaluation[];
  readonly totalSteps: number;
}

/**
 * Whether a trial does worse than half of those before it: its best value so far is worse than the median of theirs at the same share of their
 * length (the median stopping rule of Golovin et al. 2017, as Optuna's `MedianPruner` has it).
 *
 * @param earlier trials that have come to their end
 */
export function isWeak(trial: Curve, earlier: readonly Curve[], objective: MetricDescription): boolean {
  const newest = trial.evaluations.findLast(({ step }) => step > 0);
  if (newest === undefined || trial.totalSteps === 0) return false;
  const place = newest.step / trial.totalSteps;
  // At its end there is nothing left to spare.
  if (place < share || place >= 1) return false;
  const others = earlier.flatMap((curve) => valueAt(curve, place, objective));
  if (others.length < fewest) return false;
  const values = trial.evaluations.filter(({ step }) => step > 0).map(({ metrics }) => valueOf(metrics, objective));
  const best = values.reduce<number | null>(
    (found, value) => (isBetter(objective, value, found) ? value : found),
    null,
  );
  return isBetter(objective, median(others), best);
}

/** What a run scored at its last evaluation up to a share of its length; none where it was not measured, or was no number. */
function valueAt({ evaluations, totalSteps }: Curve, place: number, objective: MetricDescription): readonly number[] {
  // Lengths that are no multiples of each other are not equal to the last bit.
  const there = evaluations.findLast(({ step }) => step > 0 && step <= place * totalSteps + 1e-6);
  const value = there === undefined ? NaN : valueOf(there.metrics, objective);
  return Number.isFinite(value) ? [value] : [];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low, high] = [sorted[(sorted.length - 1) >> 1] ?? NaN, sorted[middle] ?? NaN];
  return (low + high) / 2;
}
