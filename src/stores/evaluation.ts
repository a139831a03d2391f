import { createJobs } from './jobs';

/** Evaluations of weights on a split, by `evaluationKey`. */
export const useEvaluations = createJobs('evaluate', 'Reading the pictures');

/**
 * What an evaluation depends on, as one key.
 *
 * @param data a `dataKey`
 * @param measure what the base model alone is measured by, where that is not how pictures and words find each other
 */
export function evaluationKey(weights: string, data: string, split: string, measure = ''): string {
  return `${weights} | ${data} | ${split}${measure === '' ? '' : ` | ${measure}`}`;
}
