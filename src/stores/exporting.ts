import type { Requests } from '../protocol/protocol';
import { createJobs } from './jobs';

/** Exports by `exportKey`. */
export const useExports = createJobs('exportModel', 'Reading the weights');

/** What an export depends on, as one key: the data of its model card too, as a `dataKey`. */
export function exportKey(weights: string, data: string, { format, options }: ExportChoice): string {
  return `${exportsOf(weights, data)}${format} ${JSON.stringify(options)}`;
}

type Params = Requests['exportModel']['params'];

/** A format, and what is chosen of its options. */
export type ExportChoice = Pick<Params, 'format' | 'options'>;

/** Builds an export. Each is as large as a model, so those of other weights and of data as it was before are forgotten. */
export function startExport(weights: string, data: string, params: Params): void {
  const { drop, start } = useExports.getState();
  drop((key) => !key.startsWith(exportsOf(weights, data)));
  start(exportKey(weights, data, params), params);
}

const exportsOf = (weights: string, data: string): string => `${weights} | ${data} | `;
