import { splitOfPath } from '../paths';
import type { Reader } from './reader';

/** Pictures alone: they wait for captions. */
export const plainReader: Reader = {
  format: 'Pictures without captions',
  detect: () => true,
  read: (listing) =>
    Promise.resolve({
      pictures: [...listing.images].map(([path, source]) => ({ source, captions: [], split: splitOfPath(path) })),
      rejected: [],
      used: new Set<string>(),
    }),
};
