import type { Dataset } from '../dataset/types';

/**
 * Names a dataset as it is: another after every change of its pictures, captions or splits, in whichever tab. It is part of every key under which
 * something is kept that was computed from them.
 */
export function dataKey(dataset: Pick<Dataset, 'id' | 'revision'> | null): string {
  return dataset === null ? 'no data' : `${dataset.id} ${dataset.revision ?? 0}`;
}
