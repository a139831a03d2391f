import type { EvaluationReport } from '../../protocol/evaluation';
import {
  intervalOf,
  metricText,
  valueOf,
  type Interval,
  type MetricChanges,
  type MetricDescription,
  type Metrics,
} from '../../tasks/metrics';
import { intervalText, scaleOf, signed, verdictOf } from '../runs/result';
import { pText } from './slices';

/** One line of the report: a metric of the base model and of the tuned one. */
export interface ComparisonRow {
  readonly label: string;
  /** What the metric counts, for people. */
  readonly meaning?: string;
  readonly base: string;
  readonly tuned: string | null;
  /** With its sign. */
  readonly change: string | null;
  /** 95 % interval of the change; null where there is none. */
  readonly interval: string | null;
  /** 95 % intervals of the values; null where there are none. */
  readonly baseInterval: string | null;
  readonly tunedInterval: string | null;
  /** How likely so large a change would be by chance; null where that is not known. */
  readonly pValue: string | null;
  /** Null where the change may be chance, or there is none. */
  readonly verdict: 'better' | 'worse' | null;
  /** Shares of the whole for the bars, 0…1; null for other numbers. */
  readonly shares: { readonly base: number; readonly tuned: number | null } | null;
}

/**
 * Metrics of both models, a row each; those that were not measured have none. A change is called better or worse only where its interval leaves out zero.
 *
 * @param change intervals of the changes; null where there are none
 * @param intervals of the values; null where there are none
 */
export function compare(
  metrics: readonly MetricDescription[],
  base: Metrics,
  tuned: Metrics | null,
  change: MetricChanges | null,
  intervals: EvaluationReport['intervals'] = null,
): readonly ComparisonRow[] {
  const measured = metrics.filter((metric) => !Number.isNaN(valueOf(tuned ?? base, metric)));
  return measured.map((metric): ComparisonRow => {
    const { label, meaning, unit, digits, better } = metric;
    const [before, after] = [valueOf(base, metric), tuned === null ? null : valueOf(tuned, metric)];
    const interval = intervalOf(change, metric);
    const pValue = change?.pValues?.[metric.name];
    const bounds = (of: Interval | undefined): string | null =>
      of === undefined ? null : intervalText(of, scaleOf(metric), digits);
    return {
      label,
      ...(meaning === undefined ? {} : { meaning }),
      // The base model may say nothing of it, such as a rank correlation where it gives all samples one number.
      base: Number.isNaN(before) ? '–' : metricText(metric, before),
      tuned: after === null ? null : metricText(metric, after),
      change: after === null ? null : Number.isNaN(before) ? '' : signed(difference(metric, before, after), digits),
      interval: interval === null ? null : intervalText(interval, scaleOf(metric), digits),
      baseInterval: bounds(intervals?.base[metric.name]),
      tunedInterval: bounds(intervals?.tuned?.[metric.name]),
      pValue: pValue === undefined ? null : pText(pValue),
      verdict: verdictOf(interval, better === 'more'),
      shares: unit === 'share' ? { base: Number.isNaN(before) ? 0 : before, tuned: after } : null,
    };
  });
}

/** In points for shares; else of the numbers as shown, so that they add up. */
function difference({ unit, digits }: MetricDescription, before: number, after: number): number {
  if (unit === 'share') return 100 * (after - before);
  return Number(after.toFixed(digits)) - Number(before.toFixed(digits));
}
