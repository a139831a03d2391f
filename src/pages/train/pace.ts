import type { MetricColumns } from '../../stores/metricColumns';

/** Seconds of training over which the pace is taken. */
const window = 10;

/**
 * Seconds for the steps that are left at the pace of late; null before two steps. At most so many where later steps are quicker: those that
 * start from what the frozen layers made of the pictures in the first epoch.
 */
export function longestLeft(metrics: MetricColumns, totalSteps: number): number | null {
  const rate = pace(metrics);
  return rate === null ? null : Math.max(0, totalSteps - (metrics.last('step') ?? 0)) / rate.steps;
}

/** Steps and pictures a second over the last seconds; null before two steps. */
export function pace(metrics: MetricColumns): { readonly steps: number; readonly pictures: number } | null {
  const seconds = metrics.column('seconds');
  const steps = metrics.column('step');
  const newest = seconds.length - 1;
  if (newest < 1) return null;
  let first = newest - 1;
  while (first > 0 && (seconds[newest] as number) - (seconds[first] as number) < window) first--;
  const time = (seconds[newest] as number) - (seconds[first] as number);
  if (!(time > 0)) return null;
  const rates = metrics.column('imagesPerSecond').subarray(first + 1);
  return {
    steps: ((steps[newest] as number) - (steps[first] as number)) / time,
    pictures: rates.reduce((sum, rate) => sum + rate, 0) / rates.length,
  };
}
