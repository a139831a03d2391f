import type { EvaluationReport } from './evaluation';

/** What a report says of each sample and of chance, where a test asks for none of it. */
export const nothingOfSamples = {
  intervals: null,
  slices: [],
  outcomes: { samples: [], base: [], tuned: null, turned: null },
} as const satisfies Partial<EvaluationReport>;
