import type { Run } from '../runs/types';
import { weightsKey } from './chosenWeights';
import { createJobs } from './jobs';

/** Comparisons of runs on the same pictures, by `comparisonKey`. */
export const useComparisons = createJobs('compareRuns', 'Reading the pictures');

/** What a comparison depends on, as one key: weights in their order. Data that changed is refused by the worker. */
export function comparisonKey(runs: readonly Run[]): string {
  return runs.map((run) => weightsKey(run, run.recipe.model)).join(' | ');
}
