import type { Requests } from '../protocol/protocol';
import { createJobs } from './jobs';

/** Exports by `exportKey`. */
export const useExports = createJobs('exportModel', 'Reading the weights');

/** What an export depends on, as one key: the data of its model card too, as a `dataKey`. */
export function exportKey(weights: string, data: string, precision: string): string {
  return exportsOf(weights, data) + precision;
}

/** Builds an export. Each holds a whole model in memory, so those of other weights and of data as it was before are forgotten. */
export function startExport(weights: string, data: string, params: Requests['exportModel']['params']): void {
  const { drop, start } = useExports.getState();
  drop((key) => !key.startsWith(exportsOf(weights, data)));
  start(exportKey(weights, data, params.precision), params);
}

const exportsOf = (weights: string, data: string): string => `${weights} | ${data} | `;
