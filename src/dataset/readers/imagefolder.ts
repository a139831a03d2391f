import { readWithin } from '../limits';
import { baseName } from '../paths';
import { decodeText } from '../text';
import type { Reader } from './reader';
import { describe, parseTable, readTable, type NamedTable } from './table';

const isMetadata = (path: string): boolean => /^metadata\.(csv|jsonl)$/i.test(baseName(path));

/**
 * Hugging Face imagefolder: `metadata.csv` or `metadata.jsonl` beside the pictures, one for all or one a split folder, with `file_name` relative
 * to itself and the caption in `text`. Folders named train, validation and test give the split.
 */
export const imagefolderReader: Reader = {
  async read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    for (const [path, source] of listing.others) {
      if (!isMetadata(path)) continue;
      signal?.throwIfAborted();
      const table = await readTable(listing, path, findings, async () =>
        parseTable(decodeText(await readWithin(source, 'table'), path), path, listing),
      );
      if (table !== null) tables.push(table);
    }
    return tables.length === 0 ? [] : [describe(tables, 'Hugging Face imagefolder', listing, findings)];
  },
};
