import type { SampleRecord } from '../../dataset/types';
import type { Metrics } from '../../tasks/metrics';
import type { Outcome } from '../../tasks/outcomes';

/**
 * What a task's report is made from: what each set of weights makes of the samples, kept so that any of them can be measured again. Intervals,
 * tests of differences, slices and lists of fixed and broken samples follow from it (`compare.ts`, `slices.ts`, `outcomes.ts`), whatever the task.
 */

/** What one set of weights makes of some samples, each known by its place among them. */
export interface Measured {
  /**
   * Metrics of samples, by the names that the task describes. A place that comes several times counts as often.
   *
   * @param names of metrics that are looked at; others, where they take long, may be left out. Absent: all
   */
  measure(places: readonly number[], names?: readonly string[]): Metrics;
  outcome(place: number): Outcome;
  /**
   * Metrics that are the mean of a value of each sample, or of several values that samples have, by name; where there are several means, the metric
   * is their average. They are resampled without measuring anew, and with a correction where their values are discrete.
   */
  readonly means: Readonly<Record<string, readonly SampleMean[]>>;
  /** Metrics that are medians, where there are many enough samples for measuring anew to take long. */
  readonly medians?: Readonly<Record<string, SampleMedian>>;
}

/** Values whose mean is a metric: per sample, their sum and how many there are. */
export interface SampleMean {
  readonly sums: Float64Array;
  readonly counts: Float64Array;
  /** Right or wrong (0 or 1); how far right in steps of 0…1; whole numbers, such as ranks; or numbers that change a little everywhere. */
  readonly scale: 'binary' | 'share' | 'whole' | 'continuous';
}

/** Values whose median is a metric, with the sample that each belongs to. */
export interface SampleMedian {
  readonly values: Int32Array;
  readonly places: Int32Array;
}

/** A sample of a report. */
export interface MeasuredSample {
  readonly record: SampleRecord;
  /** What it was asked, where samples ask. */
  readonly asked?: string;
  /** What would be right, in words. */
  readonly wanted: string;
}

/** The mean of one value of each sample. */
export function meanOfSamples(values: ArrayLike<number>, scale: SampleMean['scale']): SampleMean {
  return { sums: Float64Array.from(values), counts: new Float64Array(values.length).fill(1), scale };
}

/** The places of all of so many samples. */
export function everyPlace(samples: number): readonly number[] {
  return Array.from({ length: samples }, (_, place) => place);
}

/** Some of the samples as if they were all. */
export function partOf(measured: Measured, places: readonly number[]): Measured {
  return {
    measure: (own, names) =>
      measured.measure(
        own.map((place) => places[place]!),
        names,
      ),
    outcome: (own) => measured.outcome(places[own]!),
    means: mapMeans(measured.means, (values) => Float64Array.from(places, (place) => values[place]!)),
  };
}

/** Means with other values by sample. What several metrics share is changed once and shared again. */
export function mapMeans(means: Measured['means'], change: (values: Float64Array) => Float64Array): Measured['means'] {
  const changed = once(change);
  const part = once(({ sums, counts, scale }: SampleMean): SampleMean => ({
    sums: changed(sums),
    counts: changed(counts),
    scale,
  }));
  return Object.fromEntries(Object.entries(means).map(([name, parts]) => [name, parts.map(part)]));
}

/** A function that works out each object once. */
export function once<From extends object, To>(work: (from: From) => To): (from: From) => To {
  const done = new Map<From, To>();
  return (from) => {
    const known = done.get(from);
    if (known !== undefined) return known;
    const made = work(from);
    done.set(from, made);
    return made;
  };
}
