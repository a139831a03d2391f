import { createJobs } from './jobs';

/** Tests of weights on spoiled pictures and words, by `evaluationKey` with the strength. */
export const useRobustness = createJobs('robustness', 'Corrupting the pictures');
