import { createLatest } from './latest';

/** Pictures found for words. */
export const useImageSearch = createLatest('searchImages');
/** Captions found for a picture. */
export const useCaptionSearch = createLatest('searchCaptions');
/** Probabilities of labels for a picture. */
export const useClassification = createLatest('classify');
