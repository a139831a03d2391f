import { averages, labelCounts } from '../../../metrics/classification';
import { lossMetric, picturesMetric } from '../../../tasks/metrics';
import { meanOfSamples, type Measured } from '../measured';
import type { LabelScores } from './label-scores';
import { rankedBy, rankingMetrics } from './rankings';

/** Several labels a sample. @param names of the labels */
export function measuredLabels(scores: LabelScores, names: readonly string[]): Measured {
  const { labels, wanted, said, exact, losses, probabilities } = scores;
  const rowsOf = (values: Uint8Array, places: readonly number[]): Uint8Array => {
    const rows = new Uint8Array(places.length * labels);
    places.forEach((place, row) => rows.set(values.subarray(place * labels, (place + 1) * labels), row * labels));
    return rows;
  };
  const ranked = rankedBy(probabilities, labels, (place, label) => wanted[place * labels + label] === 1);
  return {
    measure(places, asked) {
      const { micro, macro, weighted } = averages(labelCounts(labels, rowsOf(wanted, places), rowsOf(said, places)));
      const mean = (of: (place: number) => number): number =>
        places.reduce((sum, place) => sum + of(place), 0) / Math.max(1, places.length);
      return {
        [lossMetric]: mean((place) => losses[place]!),
        [picturesMetric]: places.length,
        classes: labels,
        'exact-match': mean((place) => Number(exact[place])),
        'micro-f1': micro.f1,
        'macro-f1': macro.f1,
        'macro-precision': macro.precision,
        'macro-recall': macro.recall,
        'weighted-f1': weighted.f1,
        ...rankingMetrics(ranked, places, asked),
      };
    },
    outcome: (place) => {
      let score = 0;
      for (let at = place * labels; at < (place + 1) * labels; at++) {
        score += (wanted[at] === 1 ? probabilities[at]! : 1 - probabilities[at]!) / labels;
      }
      const own = names.filter((_, label) => said[place * labels + label] === 1);
      return { right: exact[place] ?? false, score, said: own.length === 0 ? 'none' : own.join(', ') };
    },
    means: {
      'exact-match': [meanOfSamples(exact.map(Number), 'binary')],
      [lossMetric]: [meanOfSamples(losses, 'continuous')],
    },
  };
}
