import { decimate } from './decimate';
import { smooth } from './smooth';

/** One curve of a chart. */
export interface ChartSeries {
  /** Unique within the chart; also the key of the drawn values. */
  readonly id: string;
  /** Name in the legend, the table and the summary. */
  readonly label: string;
  /** Decides colour: the tuned model on training pictures or on validation pictures, or a second tuned quantity of the same chart. */
  readonly role: 'tuned' | 'validation' | 'second';
  /** Where curves of several runs are in one chart: that of its run, and a pattern where two have one colour. Absent: by its role. */
  readonly line?: { readonly color: string; readonly dash: string | null };
  /** Ascending. */
  readonly x: ArrayLike<number>;
  /** As long as `x`; NaN is a gap. */
  readonly y: ArrayLike<number>;
  /** Noisy curves are drawn pale, with their smoothed course above. */
  readonly noisy?: boolean;
  /** Marks every value with a dot; for the few values of evaluations. */
  readonly dots?: boolean;
}

/** What the plotting library draws: `x`, and per curve its value by id, and by id and `rawSuffix` the unsmoothed one. */
export type DrawnRow = Readonly<Record<string, number | null>>;

/** Ending of the key under which a row holds the unsmoothed value of a noisy curve. */
export const rawSuffix = ':raw';

export interface Drawing {
  readonly rows: readonly DrawnRow[];
  /** Smallest and largest value drawn; null where there is none. */
  readonly range: readonly [min: number, max: number] | null;
}

/** The curve as drawn: smoothed where it is noisy. */
export function drawnValues(series: ChartSeries, smoothing: number): ArrayLike<number> {
  return series.noisy === true && smoothing > 0 ? smooth(series.y, smoothing) : series.y;
}

/**
 * Rows for the plotting library: at most `limit` over all curves together, chosen so that extremes survive. Smoothing is taken over the
 * whole curve before points are chosen.
 *
 * @param positiveOnly leaves out values that a logarithmic axis cannot show
 */
export function drawing(
  series: readonly ChartSeries[],
  { smoothing, positiveOnly, limit }: { smoothing: number; positiveOnly: boolean; limit: number },
): Drawing {
  const byX = new Map<number, Record<string, number | null>>();
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  const shares = shareOut(
    series.map(({ x }) => x.length),
    limit,
  );
  for (const [place, each] of series.entries()) {
    const values = drawnValues(each, smoothing);
    const raw = values === each.y ? null : each.y;
    const put = (row: Record<string, number | null>, key: string, value: number): void => {
      const drawable = Number.isFinite(value) && (!positiveOnly || value > 0);
      row[key] = drawable ? value : null;
      if (!drawable) return;
      min = Math.min(min, value);
      max = Math.max(max, value);
    };
    for (const index of decimate(each.y, shares[place] as number)) {
      const x = each.x[index] as number;
      let row = byX.get(x);
      if (row === undefined) byX.set(x, (row = { x }));
      put(row, each.id, values[index] as number);
      if (raw !== null) put(row, each.id + rawSuffix, raw[index] as number);
    }
  }
  const rows = [...byX.values()].sort((a, b) => (a['x'] as number) - (b['x'] as number));
  return { rows, range: min <= max ? [min, max] : null };
}

/** How many points each curve may draw: short curves all of theirs, long ones an equal part of the rest; each at least 4. */
export function shareOut(lengths: readonly number[], limit: number): number[] {
  const shares = lengths.map(() => 0);
  const byLength = lengths.map((length, place) => ({ length, place })).sort((a, b) => a.length - b.length);
  let left = limit;
  for (const [done, { length, place }] of byLength.entries()) {
    const share = Math.max(4, Math.min(length, Math.floor(left / (lengths.length - done))));
    shares[place] = share;
    left -= share;
  }
  return shares;
}

/** Index of the value of an ascending column that lies nearest to `x`; null where the column is empty. */
export function nearest(column: ArrayLike<number>, x: number): number | null {
  if (column.length === 0) return null;
  let low = 0;
  let high = column.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((column[middle] as number) < x) low = middle + 1;
    else high = middle;
  }
  return low > 0 && x - (column[low - 1] as number) <= (column[low] as number) - x ? low - 1 : low;
}

/** The chart in a sentence or two, for those who do not see it. */
export function summarize(
  series: readonly ChartSeries[],
  baseline: number | null,
  { value, place }: { value: (value: number) => string; place: (x: number) => string },
): string {
  const sentences: string[] = [];
  for (const { label, x, y } of series) {
    let low = -1;
    let high = -1;
    for (let index = 0; index < y.length; index++) {
      const at = y[index] as number;
      if (!Number.isFinite(at)) continue;
      if (low < 0 || at < (y[low] as number)) low = index;
      if (high < 0 || at > (y[high] as number)) high = index;
    }
    if (low < 0) continue;
    const text = (index: number): string => `${value(y[index] as number)} at ${place(x[index] as number)}`;
    const ends = y.length === 1 ? text(0) : `from ${text(0)} to ${text(y.length - 1)}`;
    sentences.push(`${label}: ${ends}; lowest ${text(low)}, highest ${text(high)}.`);
  }
  if (sentences.length === 0) return 'No values yet.';
  if (baseline !== null) sentences.push(`Base model: ${value(baseline)}.`);
  return sentences.join(' ');
}
