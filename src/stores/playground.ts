import { createLatest } from './latest';

/** What a search depends on, as one key; `data` is a `dataKey`. */
export function searchKey(weights: string, data: string, query: string): string {
  return `${weights} | ${data} | ${query}`;
}

/** Pictures found for words. */
export const useImageSearch = createLatest('searchImages');
/** Captions found for a picture. */
export const useCaptionSearch = createLatest('searchCaptions');
/** Probabilities of labels for a picture. */
export const useClassification = createLatest('classify');
/** What a run's head makes of a sample. */
export const usePrediction = createLatest('predict');
/** Captions and answers in a model's own words. */
export const useWriting = createLatest('write');
