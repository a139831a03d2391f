import { createLatest } from './latest';

/** What runs would take up; each model asks for itself. */
export const useMemoryAnswers = createLatest('estimateMemory');
