import { courseOf, type Course } from './course';

/** One curve of a chart. */
export interface ChartSeries {
  /** Unique within the chart. */
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

/** A curve with what is drawn of it. */
export interface Curve {
  readonly series: ChartSeries;
  readonly course: Course;
}

/** Curves with what is drawn of them: smoothed where they are noisy. */
export function curvesOf(
  series: readonly ChartSeries[],
  { smoothing, positiveOnly }: { readonly smoothing: number; readonly positiveOnly: boolean },
): readonly Curve[] {
  return series.map((each) => ({
    series: each,
    course: courseOf(each.y, { smoothing: each.noisy === true ? smoothing : 0, positiveOnly }),
  }));
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
  curves: readonly Curve[],
  baseline: number | null,
  { value, place }: { value: (value: number) => string; place: (x: number) => string },
): string {
  const sentences: string[] = [];
  for (const { series, course } of curves) {
    const { label, x, y } = series;
    const { lowest, highest } = course;
    if (lowest === null || highest === null) continue;
    const text = (index: number): string => `${value(y[index] as number)} at ${place(x[index] as number)}`;
    const ends = y.length === 1 ? text(0) : `from ${text(0)} to ${text(y.length - 1)}`;
    sentences.push(`${label}: ${ends}; lowest ${text(lowest.index)}, highest ${text(highest.index)}.`);
  }
  if (sentences.length === 0) return 'No values yet.';
  if (baseline !== null) sentences.push(`Base model: ${value(baseline)}.`);
  return sentences.join(' ');
}
