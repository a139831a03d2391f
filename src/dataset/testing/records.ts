import type { ImageRecord } from '../types';

/** A stored picture of the dataset `d` with the given content; the rest is made up, unless given. */
export function imageRecord(hash: string, part: Partial<ImageRecord> = {}): ImageRecord {
  return {
    id: `d/${hash}`,
    datasetId: 'd',
    hash,
    path: `${hash}.png`,
    type: 'image/png',
    width: 8,
    height: 8,
    bytes: 1,
    captions: [`picture ${hash}`],
    split: 'train',
    fields: {},
    order: 0,
    ...part,
  };
}
