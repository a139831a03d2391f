import { createJobs } from './jobs';

/** Exports by `exportKey`. */
export const useExports = createJobs('exportModel', 'Reading the weights');

/** What an export depends on, as one key. */
export function exportKey(weights: string, precision: string): string {
  return `${weights} | ${precision}`;
}
