/** Outputs of frozen layers take at most so many bytes of the worker's memory. */
export const cacheBudget = 768 * 2 ** 20;

/** Decoded pictures as a model takes them take at most so many… */
export const pixelBudget = 512 * 2 ** 20;

/** …and decoded squares, of which random views are drawn, so many. */
export const squareBudget = 512 * 2 ** 20;

/** Pairs of one compiled pass when features are computed. */
export const evaluationRows = 32;
