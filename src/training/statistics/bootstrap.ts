import { createRandom } from '../random';

/**
 * A mean over queries, before and after. Differences and numbers of queries are summed by unit, so that queries that belong together (all
 * pictures with one caption) are drawn together.
 */
export interface MeanChange {
  readonly kind: 'mean';
  /** After minus before, summed over the queries of each unit. */
  readonly differences: Float64Array;
  /** Queries of each unit. */
  readonly counts: Float64Array;
  /**
   * The least by which a query changes where its value is discrete; null for values that change a little everywhere. Of a discrete value that
   * few queries changed, all that changed may have changed in one direction by chance (four of four do in one case of eight), and drawing from
   * them alone would never see the other. So one imaginary unit that gained and one that lost as much as is usual are drawn from too, the
   * correction of Agresti and Min (doi:10.1002/sim.1781) for paired proportions carried over to resampling.
   */
  readonly leastChange: number | null;
}

/** The difference of two medians of the same queries. */
export interface MedianChange {
  readonly kind: 'median';
  /** Per query. */
  readonly before: Int32Array;
  readonly after: Int32Array;
  /** Unit of each query. */
  readonly units: Int32Array;
}

/** The mean of several changes, such as of both directions. */
export interface AverageChange {
  readonly kind: 'average';
  readonly of: readonly MeanChange[];
}

/** Any other difference, computed anew from what was drawn. */
export interface ComputedChange {
  readonly kind: 'computed';
  /** @param drawn how often each unit was drawn; two imaginary ones at the end are none of its business */
  readonly of: (drawn: Int32Array) => number;
}

export type Change = MeanChange | MedianChange | AverageChange | ComputedChange;

/** Bounds between which a true value lies in 95 % of all cases. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Below so many units, resampling says nothing that could be relied on. */
export const leastUnits = 6;
const resamples = 2000;
/** Any, but always the same: equal data has equal intervals. */
const seed = 20_260_101;
/** Additions between two pauses, about. */
const workBetweenPauses = 4e6;

/**
 * Paired bootstrap (Efron and Tibshirani 1993, chapter 13): units are drawn with replacement as many as there are, the same for all changes, and
 * each change is computed again, 2,000 times. The bounds are percentiles, moved outwards for few units as Hesterberg describes
 * (arXiv 1411.5279, section 3.3: "expanded percentile"), since plain ones are too narrow then. Candidates are not resampled: the intervals are
 * about other queries against the same gallery.
 *
 * @param units how many units the queries fall into
 * @param pause awaited now and then; throwing in it ends the work
 * @returns an interval for each change, in order; null with fewer than `leastUnits` units
 */
export async function bootstrapIntervals(
  changes: readonly Change[],
  units: number,
  pause?: () => Promise<void>,
): Promise<readonly Interval[] | null> {
  if (units < leastUnits) return null;
  const random = createRandom(seed);
  // Changes of one direction have the same queries, which are counted once a round.
  const queries = [...new Set(changes.flatMap(meansIn).map(({ counts }) => counts))];
  const meanOfUnits = (change: MeanChange): Statistic => meanOf(change, units, queries.indexOf(change.counts));
  const statistics = changes.map((change): Statistic => {
    if (change.kind === 'median') return medianOf(change);
    return change.kind === 'computed' ? change.of : averageOf(meansIn(change).map(meanOfUnits));
  });
  const found = changes.map(() => new Float64Array(resamples));
  const pool = units + 2;
  const drawn = new Int32Array(pool);
  const every = Math.max(1, Math.floor(workBetweenPauses / (pool * (changes.length + 1))));
  for (let round = 0; round < resamples; round++) {
    if (round % every === 0) await pause?.();
    drawn.fill(0);
    for (let draw = 0; draw < pool; draw++) drawn[Math.floor(random() * pool)]!++;
    const totals = queries.map((counts) => totalOf(drawn, counts));
    statistics.forEach((statistic, index) => {
      found[index]![round] = statistic(drawn, totals);
    });
  }
  const tail = expandedTail(units);
  return found.map((values) => {
    const sorted = values.sort();
    return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  });
}

function meansIn(change: Change): readonly MeanChange[] {
  if (change.kind === 'median' || change.kind === 'computed') return [];
  return change.kind === 'mean' ? [change] : change.of;
}

/** A statistic of a resample, given how often each unit was drawn (the last two are the imaginary ones) and how many queries these hold. */
type Statistic = (drawn: Int32Array, totals: readonly number[]) => number;

function totalOf(drawn: Int32Array, counts: Float64Array): number {
  let total = 0;
  for (let unit = 0; unit < counts.length; unit++) total += drawn[unit]! * counts[unit]!;
  return total;
}

function averageOf(statistics: readonly Statistic[]): Statistic {
  const [only] = statistics;
  if (statistics.length === 1 && only !== undefined) return only;
  return (drawn, totals) =>
    statistics.reduce((sum, statistic) => sum + statistic(drawn, totals), 0) / statistics.length;
}

/** @param queries place of its queries among the totals */
function meanOf({ differences, leastChange }: MeanChange, units: number, queries: number): Statistic {
  // Most recalls change for few units only.
  const changed = Int32Array.from(differences.keys()).filter((unit) => differences[unit] !== 0);
  const squares = changed.reduce((sum, unit) => sum + differences[unit]! ** 2, 0);
  const usual = leastChange === null ? 0 : Math.max(leastChange, Math.sqrt(squares / Math.max(1, changed.length)));
  return (drawn, totals) => {
    const total = totals[queries]!;
    let sum = usual * (drawn[units]! - drawn[units + 1]!);
    for (const unit of changed) sum += drawn[unit]! * differences[unit]!;
    return total === 0 ? 0 : sum / total;
  };
}

function medianOf({ before, after, units }: MedianChange): Statistic {
  const of = (values: Int32Array): ((drawn: Int32Array) => number) => {
    const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
    const sorted = order.map((query) => values[query]!);
    const unitOf = order.map((query) => units[query]!);
    return (drawn) => weightedMedian(sorted, unitOf, drawn);
  };
  const [medianBefore, medianAfter] = [of(before), of(after)];
  return (drawn) => medianAfter(drawn) - medianBefore(drawn);
}

/** The median of sorted values, each taken as often as its unit was drawn. */
function weightedMedian(sorted: Int32Array, unitOf: Int32Array, drawn: Int32Array): number {
  let total = 0;
  for (let at = 0; at < sorted.length; at++) total += drawn[unitOf[at]!]!;
  // Places of the lower and the upper middle, from 1.
  const lowerPlace = (total + 1) >> 1;
  const upperPlace = (total >> 1) + 1;
  let passed = 0;
  let lower: number | null = null;
  for (let at = 0; at < sorted.length; at++) {
    passed += drawn[unitOf[at]!]!;
    if (lower === null && passed >= lowerPlace) lower = sorted[at]!;
    if (passed >= upperPlace) return ((lower ?? sorted[at]!) + sorted[at]!) / 2;
  }
  return 0;
}

/** Linear between the neighbours, as NumPy does by default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

/** Share of a normal distribution beyond √(n/(n−1)) times the 97.5 % quantile of Student's distribution: 2.5 % for many units, less for few. */
function expandedTail(units: number): number {
  return normalTail(Math.sqrt(units / (units - 1)) * studentQuantile(units - 1));
}

/** The 97.5 % quantile of Student's t by its expansion in 1/ν (Abramowitz and Stegun 26.7.5); right to 1 % from ν = 4 on. */
function studentQuantile(degrees: number): number {
  const z = 1.959_964;
  return (
    z +
    (z ** 3 + z) / (4 * degrees) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * degrees ** 3)
  );
}

/** Share of a standard normal distribution above z ≥ 0, right to 1e-7 (Abramowitz and Stegun 26.2.17). */
function normalTail(z: number): number {
  const t = 1 / (1 + 0.231_641_9 * z);
  const polynomial =
    t * (0.319_381_53 + t * (-0.356_563_782 + t * (1.781_477_937 + t * (-1.821_255_978 + t * 1.330_274_429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial;
}
