import type { Interval, MetricChanges, Metrics } from './metrics';

/** A report cut by a column: what each of its groups scores, and how far apart they lie. */
export interface Slices {
  /** Name of the column. */
  readonly column: string;
  /** True where the column holds labels or groups; others are cut by since they have few distinct values. */
  readonly told: boolean;
  /** The largest first. */
  readonly groups: readonly Slice[];
  /** Samples of which the column says nothing, and those of groups that are left out since there are too many. */
  readonly without: number;
  readonly others: number;
  /** Of the headline, by the model; null where fewer than two groups are large enough to say. */
  readonly gaps: { readonly base: Gap | null; readonly tuned: Gap | null };
  /** Of what classes are said, by the model; null where there are no classes to say, or they are what cuts. */
  readonly fairness: { readonly base: Fairness; readonly tuned: Fairness | null } | null;
}

export interface Slice {
  readonly name: string;
  readonly samples: number;
  readonly base: SliceScores;
  /** Null where only the base model was measured. */
  readonly tuned: SliceScores | null;
  readonly change: MetricChanges | null;
  /** Whether it is too small to say much: see `tooSmall`. */
  readonly tooSmall: boolean;
}

export interface SliceScores {
  readonly metrics: Metrics;
  /** 95 % intervals by the names of metrics. */
  readonly intervals: Readonly<Record<string, Interval>>;
}

/** How far the best group lies from the worst, among those that are large enough to say. */
export interface Gap {
  readonly worst: string;
  readonly best: string;
  /** Of the headline metric, 0 or more. */
  readonly difference: number;
  /** How likely so large a gap would be if it made no difference who belongs to which group (by drawing who does anew). */
  readonly pValue: number;
}

/** Differences between groups, each with the class and the groups that it is about. */
export interface Fairness {
  readonly demographicParity: ClassDifference | null;
  readonly equalisedOdds: ClassDifference | null;
}

export interface ClassDifference {
  readonly difference: number;
  readonly class: string;
  readonly lowest: string;
  readonly highest: string;
}

/** A share whose 95 % interval is wider than this says too little. */
export const widestShare = 0.3;
/** Of any other number, fewest samples that say something. */
export const fewestSamples = 20;

/**
 * Whether a group is too small for its headline to be compared: a share by the width of its interval, another number by how many samples there are;
 * either where there are too few for an interval.
 */
export function tooSmall(unit: 'share' | 'number', samples: number, interval: Interval | undefined): boolean {
  if (interval === undefined) return true;
  return unit === 'share' ? interval.high - interval.low > widestShare : samples < fewestSamples;
}
