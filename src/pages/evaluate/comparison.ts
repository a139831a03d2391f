import {
  intervalOf,
  metricText,
  valueOf,
  type MetricChanges,
  type MetricDescription,
  type Metrics,
} from '../../tasks/metrics';
import { intervalText, scaleOf, signed, verdictOf } from '../runs/result';

/** One line of the report: a metric of the base model and of the tuned one. */
export interface ComparisonRow {
  readonly label: string;
  readonly base: string;
  readonly tuned: string | null;
  /** With its sign. */
  readonly change: string | null;
  /** 95 % interval of the change; null where there is none. */
  readonly interval: string | null;
  /** Null where the change may be chance, or there is none. */
  readonly verdict: 'better' | 'worse' | null;
  /** Shares of the whole for the bars, 0…1; null for other numbers. */
  readonly shares: { readonly base: number; readonly tuned: number | null } | null;
}

/**
 * Metrics of both models, a row each. A change is called better or worse only where its interval leaves out zero.
 *
 * @param change intervals of the changes; null where there are none
 */
export function compare(
  metrics: readonly MetricDescription[],
  base: Metrics,
  tuned: Metrics | null,
  change: MetricChanges | null,
): readonly ComparisonRow[] {
  return metrics.map((metric): ComparisonRow => {
    const { label, unit, digits, better } = metric;
    const [before, after] = [valueOf(base, metric), tuned === null ? null : valueOf(tuned, metric)];
    const interval = intervalOf(change, metric);
    return {
      label,
      base: metricText(metric, before),
      tuned: after === null ? null : metricText(metric, after),
      change: after === null ? null : signed(difference(metric, before, after), digits),
      interval: interval === null ? null : intervalText(interval, scaleOf(metric), digits),
      verdict: verdictOf(interval, better === 'more'),
      shares: unit === 'share' ? { base: before, tuned: after } : null,
    };
  });
}

/** In points for shares; else of the numbers as shown, so that they add up. */
function difference({ unit, digits }: MetricDescription, before: number, after: number): number {
  if (unit === 'share') return 100 * (after - before);
  return Number(after.toFixed(digits)) - Number(before.toFixed(digits));
}
