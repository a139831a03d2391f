import { vqaAccuracy } from '../../../metrics/text/vqa';
import { questionsMetric } from '../../../tasks/words/metrics';
import { meanOfSamples, type Measured } from '../measured';
import { exactMatches, lossMean, meanAt, wordMetrics } from '../words/measured';
import type { WrittenTexts } from '../words/subject-pass';

/** From this VQA accuracy on an answer counts as right among those that became right or wrong: as many gave it as gave another. */
const rightFrom = 0.5;

/** Answers, with questions as samples. */
export function measuredAnswers(texts: WrittenTexts): Measured {
  const { subjects, said } = texts;
  const accuracy = Float64Array.from(subjects, ({ references }, place) => vqaAccuracy(references, said[place] ?? ''));
  const exact = exactMatches(texts);
  return {
    measure: (places) => ({
      ...wordMetrics(texts, places),
      [questionsMetric]: places.length,
      'vqa-accuracy': meanAt(accuracy, places),
      'exact-match': meanAt(exact, places),
    }),
    outcome: (place) => ({
      right: (accuracy[place] ?? 0) >= rightFrom,
      score: accuracy[place] ?? NaN,
      said: said[place] ?? '',
    }),
    means: {
      loss: [lossMean(texts)],
      'vqa-accuracy': [meanOfSamples(accuracy, accuracy.every(Number.isInteger) ? 'binary' : 'continuous')],
      'exact-match': [meanOfSamples(exact, 'binary')],
    },
  };
}
