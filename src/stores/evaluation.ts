import { createJobs } from './jobs';

/** Evaluations of weights on a split, by `evaluationKey`. */
export const useEvaluations = createJobs('evaluate', 'Reading the pictures');

/** What an evaluation depends on, as one key; `data` is a `dataKey`. */
export function evaluationKey(weights: string, data: string, split: string): string {
  return `${weights} | ${data} | ${split}`;
}
