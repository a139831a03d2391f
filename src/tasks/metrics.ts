import { z } from 'zod';
import type { Recipe } from '../recipe/schema';

/**
 * What a task measures, as plain numbers by name. Runs, events, charts and tables keep and show them without knowing any: what a name means
 * stands in the task's list of `MetricDescription`. A number that could not be measured, or that an earlier version did not measure, is absent.
 */
export const metricsSchema = z.record(z.string(), z.number());
export type Metrics = Readonly<Record<string, number>>;

/** Bounds between which a true value lies in 95 % of all cases. */
const intervalSchema = z.object({ low: z.number(), high: z.number() });
export type Interval = Readonly<z.infer<typeof intervalSchema>>;

/** 95 % intervals of the differences between base and tuned model on the same pictures, tuned minus base. */
export const metricChangesSchema = z.object({
  /** By the names of the metrics; those without are not told from chance. */
  intervals: z.record(z.string(), intervalSchema),
  /** What was resampled: pictures, or groups of pictures that belong together. */
  groups: z.number(),
  pValues: z.record(z.string(), z.number()).optional(),
});
export interface MetricChanges {
  readonly intervals: Readonly<Record<string, Interval>>;
  readonly groups: number;
  /**
   * By the names of the metrics, how likely so large a difference would be if there were none, by the same resampling (paired bootstrap,
   * two-sided): below 0.05 where the interval leaves out zero. Absent in results of versions that did not compute it.
   */
  readonly pValues?: Readonly<Record<string, number>> | undefined;
}

/** Names that metrics of every task go by. */
export const picturesMetric = 'pictures';
export const lossMetric = 'loss';

/** What there is to know of a metric to print, chart and compare it. */
export interface MetricDescription {
  /** Its key among the metrics. */
  readonly name: string;
  /** `Recall@1`. */
  readonly label: string;
  /** The same where nothing around says what of, if it needs that: `Recall@1, words → picture`. */
  readonly inFull?: string;
  /** Within a line: `R@1`. */
  readonly short: string;
  /** Where there is hardly any room, if that is shorter: `acc`. */
  readonly tag?: string;
  /** What it counts, for people. */
  readonly meaning?: string;
  readonly better: 'more' | 'less';
  /** A share of 0…1 is shown in per cent and its changes in points, any other number as it is. */
  readonly unit: 'share' | 'number';
  /** Digits behind the decimal point, as shown. */
  readonly digits: number;
  /** Zeros at the end are left out. */
  readonly trimmed?: boolean;
  /** Null: it has no chart. */
  readonly chart: MetricChart | null;
  /** Whether a run of a recipe of the task has it; absent where each does. */
  readonly of?: (recipe: Pick<Recipe, 'task'>) => boolean;
  /** It takes long to compute, so that reports tell it from chance, and evaluations during a run do not. */
  readonly costly?: boolean;
}

/** The chart of a metric along a run. */
export interface MetricChart {
  /** Its name among a reader's preferences; never changed. */
  readonly id: string;
  readonly title: string;
  /** Whether it is shown where the reader has not said. */
  readonly shown: boolean;
}

/** A number of each training step that only some tasks have. */
export interface StepMetricDescription {
  readonly name: string;
  readonly chart: MetricChart;
}

/** The metric of that name; NaN where it was not measured. */
export function valueOf(metrics: Metrics, { name }: Pick<MetricDescription, 'name'>): number {
  return metrics[name] ?? NaN;
}

/** The interval of a metric's change; null where there is none. */
export function intervalOf(
  change: MetricChanges | null | undefined,
  { name }: Pick<MetricDescription, 'name'>,
): Interval | null {
  return change?.intervals[name] ?? null;
}

/** Whether a change is more than chance: its interval leaves out zero. */
export function excludesZero(interval: Interval): boolean {
  return interval.low > 0 || interval.high < 0;
}

/** A metric as it is shown, with its unit: `41.4 %`, `−12.34`. */
export function metricText({ unit, digits, trimmed = false }: MetricDescription, value: number): string {
  const number = (unit === 'share' ? 100 * value : value).toFixed(digits);
  return `${trimmed ? String(Number(number)) : number}${unit === 'share' ? ' %' : ''}`.replace('-', '−');
}
