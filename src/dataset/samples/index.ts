import { importFiles, type ImportOptions } from '../intake';
import type { SourceFile } from '../source';
import type { IntakeReport } from '../types';
import { countFiles } from './count-files';
import type { GeneratorId } from './generators';
import { questionFiles } from './question-files';
import { reviewFiles } from './review-files';
import { shapesFiles } from './shapes';

const generators: Readonly<Record<GeneratorId, (options: { count: number; seed: number }) => SourceFile[]>> = {
  shapes: shapesFiles,
  questions: questionFiles,
  counts: countFiles,
  reviews: reviewFiles,
};

export interface SampleOptions {
  readonly generator: GeneratorId;
  /** What the dataset is to be called. */
  readonly name: string;
  /** How many pictures. */
  readonly count: number;
  readonly seed: number;
}

/** Draws a generated sample and imports it like any other pictures. */
export function importSample(
  { generator, name, count, seed }: SampleOptions,
  options: ImportOptions = {},
): Promise<{ datasetId: string; report: IntakeReport }> {
  const files = generators[generator]({ count, seed });
  return importFiles({ datasetId: null, name, files, origin: generator }, options);
}
