import type { Scale } from '../../../runs/types';
import type { Metrics } from '../../../tasks/metrics';

/** Under which name the standard deviation of a column's errors stands among the metrics of a step, in the column's own unit. */
const errorName = (column: number): string => `error.${column}`;

/** The errors of numbers `[samples, columns]` as metrics of a step: the root of the mean square of each column. */
export function errorMetrics(values: Float64Array, wanted: Float64Array, columns: number): Metrics {
  const found = Array.from({ length: columns }, (_, column): readonly [string, number][] => {
    let [sum, count] = [0, 0];
    for (let at = column; at < wanted.length; at += columns) {
      if (Number.isNaN(wanted[at]!)) continue;
      sum += (values[at]! - wanted[at]!) ** 2;
      count++;
    }
    return count === 0 ? [] : [[errorName(column), Math.sqrt(sum / count)]];
  });
  return Object.fromEntries(found.flat());
}

/** The errors among the metrics of a step, by column; null where one was not measured. */
export function numberErrors(metrics: Metrics, scales: readonly Scale[]): readonly (number | null)[] {
  return scales.map((_, column) => metrics[errorName(column)] ?? null);
}
