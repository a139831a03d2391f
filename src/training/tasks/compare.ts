import type { TaskDescription } from '../../tasks/description';
import type { Interval, MetricChanges, Metrics } from '../../tasks/metrics';
import {
  bootstrapIntervals,
  type MeanChange,
  type MeanLevel,
  type Median,
  type Resampled,
  type Resampling,
} from '../statistics/bootstrap';
import { mapMeans, once, type Measured, type SampleMean } from './measured';

/** What is told from chance of two sets of weights on the same samples, by one paired bootstrap for all metrics. */

/** 95 % intervals of metrics by name; those that could not be resampled are absent. */
export type Intervals = Readonly<Record<string, Interval>>;

export interface Comparison {
  readonly base: Intervals;
  readonly tuned: Intervals | null;
  readonly change: MetricChanges | null;
  /** What was resampled: samples, or groups of samples that belong together. */
  readonly groups: number;
}

interface CompareOptions {
  readonly base: Measured;
  readonly tuned: Measured | null;
  /** Per sample, the group that it is drawn with, numbered from 0. */
  readonly groups: Int32Array;
  /** Metrics to resample. */
  readonly names: readonly string[];
  readonly pause?: (() => Promise<void>) | undefined;
  /** How often groups are drawn; 2,000 times unless it is said. */
  readonly resamples?: number;
}

/**
 * Intervals of the metrics of both sets of weights and of their differences, with p-values.
 *
 * @returns null where there are too few groups to tell
 */
export async function compareMeasured(options: CompareOptions): Promise<Comparison | null> {
  const { base, tuned, groups, names, pause, resamples } = options;
  const units = unitsOf(groups);
  const before = new Redrawn(base, units, groups, names);
  const after = tuned === null ? null : new Redrawn(tuned, units, groups, names);
  const levels = (redrawn: Redrawn | null): readonly Resampled[] =>
    redrawn === null ? [] : names.map((name) => levelOf(name, redrawn));
  const asked = [...levels(before), ...levels(after), ...(after === null ? [] : names.map(changesFrom(before, after)))];
  const found = await bootstrapIntervals(asked, units.length, pause, resamples);
  if (found === null) return null;
  const at = (from: number): readonly (Resampling | null)[] => found.slice(from, from + names.length);
  return {
    base: intervalsOf(names, at(0)),
    tuned: after === null ? null : intervalsOf(names, at(names.length)),
    change: after === null ? null : changesOf(names, at(2 * names.length), units.length),
    groups: units.length,
  };
}

/**
 * Intervals of the differences alone.
 *
 * @returns null where there are too few groups to tell
 */
export async function changeBetween(
  base: Measured,
  tuned: Measured,
  { groups, names, pause }: Pick<CompareOptions, 'groups' | 'names' | 'pause'>,
): Promise<MetricChanges | null> {
  const units = unitsOf(groups);
  const [before, after] = [new Redrawn(base, units, groups, names), new Redrawn(tuned, units, groups, names)];
  const found = await bootstrapIntervals(names.map(changesFrom(before, after)), units.length, pause);
  return found === null ? null : changesOf(names, found, units.length);
}

/** The metrics of a task that are told from chance at every evaluation of a run. */
export function resampledNames({ metrics }: Pick<TaskDescription, 'metrics'>): readonly string[] {
  return metrics.filter(({ costly = false }) => !costly).map(({ name }) => name);
}

/** Numbers of groups where each sample is one. */
export function eachByItself(samples: number): Int32Array {
  return Int32Array.from({ length: samples }, (_, place) => place);
}

/** Per group, the places of its samples. */
function unitsOf(groups: Int32Array): readonly (readonly number[])[] {
  const units: number[][] = [];
  groups.forEach((group, place) => (units[group] ??= []).push(place));
  return units;
}

/** Metrics of one set of weights as often as groups of samples are drawn. */
class Redrawn {
  /** By group instead of by sample. */
  readonly means: Measured['means'];
  readonly medians: Readonly<Record<string, Pick<Median, 'after' | 'units'>>>;
  readonly level = once(({ sums, counts, scale }: SampleMean): MeanLevel => ({
    kind: 'level',
    sums,
    counts,
    bounded: scale === 'binary' || scale === 'share',
  }));
  private last: { readonly round: number; readonly metrics: Metrics } | null = null;

  constructor(
    private readonly measured: Measured,
    private readonly units: readonly (readonly number[])[],
    groups: Int32Array,
    private readonly names: readonly string[],
  ) {
    this.medians = Object.fromEntries(
      Object.entries(measured.medians ?? {}).map(([name, { values, places }]) => [
        name,
        { after: values, units: places.map((place) => groups[place]!) },
      ]),
    );
    this.means = mapMeans(measured.means, (values) =>
      Float64Array.from(units, (places) => places.reduce((sum, place) => sum + values[place]!, 0)),
    );
  }

  /** The metric of what was drawn; all metrics are measured once for each draw. */
  value(name: string, drawn: Int32Array, round: number): number {
    if (this.last?.round !== round) {
      const places: number[] = [];
      this.units.forEach((unit, index) => {
        for (let times = drawn[index]!; times > 0; times--) for (const place of unit) places.push(place);
      });
      this.last = { round, metrics: places.length === 0 ? {} : this.measured.measure(places, this.names) };
    }
    return this.last.metrics[name] ?? NaN;
  }
}

function levelOf(name: string, redrawn: Redrawn): Resampled {
  const [means, median] = [redrawn.means[name], redrawn.medians[name]];
  if (median !== undefined) return { kind: 'median', before: null, ...median };
  if (means === undefined) return { kind: 'computed', of: (drawn, round) => redrawn.value(name, drawn, round) };
  return { kind: 'average', of: means.map(redrawn.level) };
}

/** By how much a sample changes at least if it does; null where all change a little. */
const leastChanges = { binary: 1, share: 0, whole: 1, continuous: null } as const satisfies Record<
  SampleMean['scale'],
  number | null
>;

/** What to resample of the change of a metric, by its name. */
function changesFrom(before: Redrawn, after: Redrawn): (name: string) => Resampled {
  const known = new Map<SampleMean, MeanChange>();
  const meanChange = (from: SampleMean, to: SampleMean): MeanChange => {
    const change = known.get(from) ?? {
      kind: 'mean',
      differences: from.sums.map((sum, unit) => to.sums[unit]! - sum),
      counts: from.counts,
      leastChange: leastChanges[from.scale],
    };
    known.set(from, change);
    return change;
  };
  return (name) => {
    const [medianBefore, medianAfter] = [before.medians[name], after.medians[name]];
    if (medianBefore !== undefined && medianAfter !== undefined) {
      return { kind: 'median', before: medianBefore.after, ...medianAfter };
    }
    const [from, to] = [before.means[name], after.means[name]];
    if (from !== undefined && to !== undefined) {
      return { kind: 'average', of: from.map((mean, index) => meanChange(mean, to[index]!)) };
    }
    return {
      kind: 'computed',
      of: (drawn, round) => after.value(name, drawn, round) - before.value(name, drawn, round),
    };
  };
}

function intervalsOf(names: readonly string[], found: readonly (Resampling | null)[]): Intervals {
  return Object.fromEntries(
    names.flatMap((name, index) => {
      const own = found[index] ?? null;
      return own === null ? [] : [[name, { low: own.low, high: own.high }] as const];
    }),
  );
}

function changesOf(names: readonly string[], found: readonly (Resampling | null)[], groups: number): MetricChanges {
  const pValues = names.flatMap((name, index) => {
    const own = found[index] ?? null;
    return own === null ? [] : [[name, own.pValue] as const];
  });
  return { intervals: intervalsOf(names, found), groups, pValues: Object.fromEntries(pValues) };
}
