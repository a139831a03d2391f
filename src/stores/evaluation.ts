import { createJobs } from './jobs';

/** Evaluations of weights on a split, by `evaluationKey`. */
export const useEvaluations = createJobs('evaluate', 'Reading the pictures');

/** What an evaluation depends on, as one key. */
export function evaluationKey(weights: string, datasetId: string, split: string): string {
  return `${weights} | ${datasetId} | ${split}`;
}
