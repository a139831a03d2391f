import { kendall, r2, spearman } from '../../../metrics/regression';
import type { Scale } from '../../../runs/types';
import { lossMetric, picturesMetric } from '../../../tasks/metrics';
import { meanOfSamples, type Measured } from '../measured';
import { numberText } from '../../../tasks/regression/numbers';

/** What a set of weights makes of some samples, in the units of their columns; NaN where a number is not known. Matrices are `[samples, numbers]`. */
export interface NumberScores {
  readonly values: Float64Array;
  readonly wanted: Float64Array;
  readonly scales: readonly Scale[];
}

/**
 * Numbers of samples. Of several numbers, metrics are means over the columns; errors are then in standard deviations, since units differ.
 */
export function measuredNumbers({ values, wanted, scales }: NumberScores): Measured {
  const count = scales.length;
  const samples = wanted.length / count;
  const unit = (column: number): number => (count === 1 ? 1 : scales[column]!.deviation);
  const eachOf = (of: (error: number, column: number) => number): Float64Array =>
    Float64Array.from({ length: samples }, (_, sample) => {
      const known = columnsOf(wanted, sample, count);
      const sum = known.reduce(
        (total, column) => total + of(values[sample * count + column]! - wanted[sample * count + column]!, column),
        0,
      );
      return sum / Math.max(1, known.length);
    });
  const absolute = eachOf((error, column) => Math.abs(error) / unit(column));
  const squared = eachOf((error, column) => (error / unit(column)) ** 2);
  const standard = eachOf((error, column) => (error / scales[column]!.deviation) ** 2);
  const meanAt = (all: Float64Array, places: readonly number[]): number =>
    places.reduce((sum, place) => sum + all[place]!, 0) / Math.max(1, places.length);
  return {
    measure(places) {
      const perColumn = scales.map((_, column) => {
        const known = places.filter((place) => !Number.isNaN(wanted[place * count + column]!));
        const at = (all: Float64Array): number[] => known.map((place) => all[place * count + column]!);
        return { wanted: at(wanted), said: at(values) };
      });
      const mean = (of: (column: { wanted: readonly number[]; said: readonly number[] }) => number): number =>
        perColumn.reduce((sum, column) => sum + of(column), 0) / Math.max(1, count);
      const correlations = {
        r2: mean(({ wanted: w, said }) => r2(w, said)),
        spearman: mean(({ wanted: w, said }) => spearman(w, said)),
        kendall: mean(({ wanted: w, said }) => kendall(w, said)),
      };
      return {
        [lossMetric]: meanAt(standard, places),
        [picturesMetric]: places.length,
        mae: meanAt(absolute, places),
        mse: meanAt(squared, places),
        // What says the same each time has no order that could be right.
        ...Object.fromEntries(Object.entries(correlations).filter(([, value]) => Number.isFinite(value))),
      };
    },
    outcome: (place) => ({
      right: null,
      score: -(absolute[place] ?? NaN),
      said: scales
        .map(({ name }, column) => {
          const text = numberText(values[place * count + column]!);
          return count === 1 ? text : `${name} ${text}`;
        })
        .join(', '),
    }),
    means: {
      mae: [meanOfSamples(absolute, 'continuous')],
      mse: [meanOfSamples(squared, 'continuous')],
      [lossMetric]: [meanOfSamples(standard, 'continuous')],
    },
  };
}

function columnsOf(wanted: Float64Array, sample: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, column) => column).filter(
    (column) => !Number.isNaN(wanted[sample * count + column]!),
  );
}
