import { createLatest } from './latest';

/** Pictures held back that look like one that is trained on; each dataset asks for itself. */
export const useCopies = createLatest('findCopies');
