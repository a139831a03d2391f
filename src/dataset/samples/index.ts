import { importFiles, type ImportOptions } from '../intake';
import type { IntakeReport } from '../types';
import { shapesFiles } from './shapes';

/** Draws the generated sample and imports it like any other pictures. */
export function importShapes(
  { count, seed }: { readonly count: number; readonly seed: number },
  options: ImportOptions = {},
): Promise<{ datasetId: string; report: IntakeReport }> {
  const files = shapesFiles({ count, seed });
  return importFiles({ datasetId: null, name: 'Coloured shapes in relations', files, origin: 'shapes' }, options);
}
