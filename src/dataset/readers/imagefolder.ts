import { baseName } from '../paths';
import type { Reader } from './reader';
import { parseTable, readTable, sourceOf } from './table';
import type { NamedTable } from './table-rows';

const isMetadata = (path: string): boolean => /^metadata\.(csv|jsonl)$/i.test(baseName(path));

/**
 * Hugging Face imagefolder: `metadata.csv` or `metadata.jsonl` beside the pictures, one for all or one a split folder, with `file_name` relative
 * to itself and the caption in `text`. Folders named train, validation and test give the split.
 */
export const imagefolderReader: Reader = {
  async *read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    for (const [path, file] of listing.others) {
      if (!isMetadata(path)) continue;
      signal?.throwIfAborted();
      const table = await readTable(listing, path, findings, () => parseTable(file, listing));
      if (table !== null) tables.push(table);
    }
    const [first, ...others] = tables;
    if (first !== undefined) yield sourceOf([first, ...others], 'Hugging Face imagefolder', listing, findings);
  },
};
