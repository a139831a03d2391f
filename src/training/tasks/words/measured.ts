import { captionKey } from '../../../dataset/caption-groups';
import { lossMetric, picturesMetric, type Metrics } from '../../../tasks/metrics';
import type { SampleMean } from '../measured';
import type { WrittenTexts } from './subject-pass';

/** Numbers of written texts that captions and answers share. */

/** Loss of a token and what follows from it, of some samples, and how many pictures they are of. */
export function wordMetrics({ subjects, logProbability, tokens }: WrittenTexts, places: readonly number[]): Metrics {
  const sum = (values: Float64Array): number => places.reduce((total, place) => total + values[place]!, 0);
  const loss = -sum(logProbability) / sum(tokens);
  return {
    [lossMetric]: loss,
    perplexity: Math.exp(loss),
    [picturesMetric]: new Set(places.map((place) => subjects[place]?.image)).size,
  };
}

/** The loss as a mean over tokens. */
export function lossMean({ logProbability, tokens }: WrittenTexts): SampleMean {
  return { sums: logProbability.map((value) => -value), counts: tokens, scale: 'continuous' };
}

/** Per sample, 1 where what was said is one of those that would be right, but for case and white space. */
export function exactMatches({ subjects, said }: WrittenTexts): Float64Array {
  return Float64Array.from(subjects, ({ references }, place) =>
    references.some((reference) => captionKey(reference) === captionKey(said[place] ?? '')) ? 1 : 0,
  );
}

/** The mean of a value of some samples. */
export function meanAt(values: Float64Array, places: readonly number[]): number {
  return places.reduce((total, place) => total + values[place]!, 0) / Math.max(1, places.length);
}
