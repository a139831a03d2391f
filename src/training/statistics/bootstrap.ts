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

/** A mean over queries under one set of weights, summed by unit as a `MeanChange` is. */
export interface MeanLevel {
  readonly kind: 'level';
  readonly sums: Float64Array;
  /** Queries of each unit. */
  readonly counts: Float64Array;
  /**
   * True where each value is 0 or 1, or one of few between. Of pictures that are all taken for what they are, drawing would never see a mistake, so
   * one imaginary unit of either kind is drawn from too (Agresti and Coull, doi:10.2307/2685469, as above).
   */
  readonly bounded: boolean;
}

/** The median over queries, or the difference of the medians of the same queries. */
export interface Median {
  readonly kind: 'median';
  /** Per query; null: the median of `after` itself. */
  readonly before: Int32Array | null;
  readonly after: Int32Array;
  /** Unit of each query. */
  readonly units: Int32Array;
}

/** The mean of several, such as of both directions. */
export interface AverageOf {
  readonly kind: 'average';
  readonly of: readonly (MeanChange | MeanLevel)[];
}

/** Anything else, computed anew from what was drawn. */
export interface Computed {
  readonly kind: 'computed';
  /**
   * NaN where it cannot be told of what was drawn; such draws are left out.
   *
   * @param drawn how often each unit was drawn; two imaginary ones at the end are none of its business
   * @param round number of the draw, by which what several compute can be computed once
   */
  readonly of: (drawn: Int32Array, round: number) => number;
}

export type Resampled = MeanChange | MeanLevel | Median | AverageOf | Computed;

export interface Resampling {
  /** Bounds between which the true value lies in 95 % of all cases. */
  readonly low: number;
  readonly high: number;
  /** The largest share of cases, of 0…1, that an interval may leave out and still hold zero: the p-value of a difference. */
  readonly pValue: number;
}

/** Below so many units, resampling says nothing that could be relied on. */
const leastUnits = 6;
const usualResamples = 2000;
/** Any, but always the same: equal data has equal intervals. */
const seed = 20_260_101;
/** Additions between two pauses, about. */
const workBetweenPauses = 4e6;

/**
 * Paired bootstrap (Efron and Tibshirani 1993, chapter 13): units are drawn with replacement as many as there are, the same for all that is asked,
 * and each is computed again, 2,000 times. The bounds are percentiles, moved outwards for few units as Hesterberg describes (arXiv 1411.5279,
 * section 3.3: "expanded percentile"), since plain ones are too narrow then. Candidates are not resampled: the intervals are about other queries
 * against the same gallery.
 *
 * @param units how many units the queries fall into
 * @param pause awaited now and then; throwing in it ends the work
 * @param resamples how often units are drawn
 * @returns what was found of each, in order (null of what could not be computed); null with fewer than `leastUnits` units
 */
export async function bootstrapIntervals(
  asked: readonly Resampled[],
  units: number,
  pause?: () => Promise<void>,
  resamples = usualResamples,
): Promise<readonly (Resampling | null)[] | null> {
  if (units < leastUnits) return null;
  const random = createRandom(seed);
  // Values of one direction have the same queries, which are counted once a round.
  const queries = [...new Set(asked.flatMap(meansIn).map(({ counts }) => counts))];
  const known = new Map<MeanChange | MeanLevel, Statistic>();
  const meanOfUnits = (mean: MeanChange | MeanLevel): Statistic => {
    const place = queries.indexOf(mean.counts);
    const statistic =
      known.get(mean) ?? onceARound(mean.kind === 'mean' ? changeOf(mean, units, place) : levelOf(mean, units, place));
    known.set(mean, statistic);
    return statistic;
  };
  const statistics = asked.map((each): Statistic => {
    if (each.kind === 'computed') return (drawn, _, round) => each.of(drawn, round);
    if (each.kind === 'median') return medianOf(each);
    return averageOf(meansIn(each).map(meanOfUnits));
  });
  const found = asked.map(() => new Float64Array(resamples));
  const pool = units + 2;
  const drawn = new Int32Array(pool);
  const every = Math.max(1, Math.floor(workBetweenPauses / (pool * (asked.length + 1))));
  for (let round = 0; round < resamples; round++) {
    if (round % every === 0) await pause?.();
    drawn.fill(0);
    for (let draw = 0; draw < pool; draw++) drawn[Math.floor(random() * pool)]!++;
    const totals = queries.map((counts) => totalOf(drawn, counts));
    statistics.forEach((statistic, index) => {
      found[index]![round] = statistic(drawn, totals, round);
    });
  }
  return found.map((values) => resamplingOf(values, units));
}

function meansIn(asked: Resampled): readonly (MeanChange | MeanLevel)[] {
  if (asked.kind === 'computed' || asked.kind === 'median') return [];
  return asked.kind === 'average' ? asked.of : [asked];
}

/**
 * A statistic of a resample, given how often each unit was drawn (the last two are the imaginary ones), how many queries these hold, and the number
 * of the draw.
 */
type Statistic = (drawn: Int32Array, totals: readonly number[], round: number) => number;

/** The same, computed once in each round, however many are made of it. */
function onceARound(statistic: Statistic): Statistic {
  let [last, value] = [-1, NaN];
  return (drawn, totals, round) => {
    if (round !== last) value = statistic(drawn, totals, round);
    last = round;
    return value;
  };
}

function totalOf(drawn: Int32Array, counts: Float64Array): number {
  let total = 0;
  for (let unit = 0; unit < counts.length; unit++) total += drawn[unit]! * counts[unit]!;
  return total;
}

function averageOf(statistics: readonly Statistic[]): Statistic {
  const [only] = statistics;
  if (statistics.length === 1 && only !== undefined) return only;
  return (drawn, totals, round) =>
    statistics.reduce((sum, statistic) => sum + statistic(drawn, totals, round), 0) / statistics.length;
}

/** Differences of fewer are what is left of rounding. */
const rounding = 1e-9;

/** @param queries place of its queries among the totals */
function changeOf({ differences, leastChange }: MeanChange, units: number, queries: number): Statistic {
  // Most recalls change for few units only.
  const changed = Int32Array.from(differences.keys()).filter((unit) => Math.abs(differences[unit]!) > rounding);
  const squares = changed.reduce((sum, unit) => sum + differences[unit]! ** 2, 0);
  const usual = leastChange === null ? 0 : Math.max(leastChange, Math.sqrt(squares / Math.max(1, changed.length)));
  return (drawn, totals) => {
    const total = totals[queries]!;
    let sum = usual * (drawn[units]! - drawn[units + 1]!);
    for (const unit of changed) sum += drawn[unit]! * differences[unit]!;
    return total === 0 ? 0 : sum / total;
  };
}

/** @param queries place of its queries among the totals */
function levelOf({ sums, counts, bounded }: MeanLevel, units: number, queries: number): Statistic {
  const usual = bounded ? counts.reduce((sum, own) => sum + own, 0) / units : 0;
  return (drawn, totals) => {
    const imaginary = usual * (drawn[units]! + drawn[units + 1]!);
    let sum = usual * drawn[units]!;
    for (let unit = 0; unit < units; unit++) sum += drawn[unit]! * sums[unit]!;
    return sum / (totals[queries]! + imaginary);
  };
}

function medianOf({ before, after, units }: Median): Statistic {
  const of = (values: Int32Array): ((drawn: Int32Array) => number) => {
    const order = Int32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!);
    const sorted = order.map((query) => values[query]!);
    const unitOf = order.map((query) => units[query]!);
    return (drawn) => weightedMedian(sorted, unitOf, drawn);
  };
  const medianAfter = of(after);
  if (before === null) return medianAfter;
  const medianBefore = of(before);
  return (drawn) => medianAfter(drawn) - medianBefore(drawn);
}

/** The median of sorted values, each taken as often as its unit was drawn; NaN where none was. */
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
  return NaN;
}

/** What the values of all draws amount to; null where too few could be computed. */
function resamplingOf(values: Float64Array, units: number): Resampling | null {
  const sorted = values.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length < values.length / 2) return null;
  const within = (z: number): { readonly low: number; readonly high: number } => {
    const tail = expandedTail(units, z);
    return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
  };
  const holdsZero = (z: number): boolean => {
    const { low, high } = within(z);
    return low <= 0 && high >= 0;
  };
  // Wider intervals than these would lie beyond what was drawn.
  let [out, held] = [0, widest];
  while (expandedTail(units, held) < 1 / sorted.length) held -= 0.01;
  if (holdsZero(0)) return { ...within(usualWidth), pValue: 1 };
  if (!holdsZero(held)) return { ...within(usualWidth), pValue: 2 * normalTail(held) };
  while (held - out > 1e-4) {
    const middle = (out + held) / 2;
    if (holdsZero(middle)) held = middle;
    else out = middle;
  }
  return { ...within(usualWidth), pValue: 2 * normalTail(held) };
}

/** Linear between the neighbours, as NumPy does by default. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.min(below + 1, sorted.length - 1)]!;
  return low + (high - low) * (place - below);
}

/** Half the width of an interval of 95 % and of the widest that is looked at, in standard deviations of a normal distribution. */
const usualWidth = 1.959_964;
const widest = 4;

/**
 * Share of a normal distribution beyond √(n/(n−1)) times a quantile of Student's distribution: for 95 %, 2.5 % for many units, less for few.
 *
 * @param z the quantile of the normal distribution that belongs to it
 */
function expandedTail(units: number, z: number): number {
  return normalTail(Math.sqrt(units / (units - 1)) * studentQuantile(units - 1, z));
}

/**
 * The quantile of Student's t at the share of the normal quantile `z`, by its expansion in 1/ν (Abramowitz and Stegun 26.7.5); right to 1 % from
 * ν = 4 on at 97.5 %.
 */
function studentQuantile(degrees: number, z: number): number {
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
