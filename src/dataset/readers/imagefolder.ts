import { baseName } from '../paths';
import type { Reader } from './reader';
import { readTables } from './table';

const isMetadata = (path: string): boolean => /^metadata\.(csv|jsonl)$/i.test(baseName(path));

/**
 * Hugging Face imagefolder: `metadata.csv` or `metadata.jsonl` beside the pictures, one for all or one a split folder, with `file_name` relative
 * to itself and the caption in `text`. Folders named train, validation and test give the split.
 */
export const imagefolderReader: Reader = {
  format: 'Hugging Face imagefolder',
  detect: (listing) => listing.images.size > 0 && [...listing.others.keys()].some(isMetadata),
  read: (listing, rejected, signal) =>
    readTables(listing, [...listing.others.keys()].filter(isMetadata), rejected, signal),
};
