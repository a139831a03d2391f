import { extensionOf, isDocumentation } from '../paths';
import { isVague } from '../sniff';
import { splitOfTable } from '../split-names';
import type { Listing, Reader } from './reader';
import type { Table } from './rows';
import { joinByColumns, parseTable, readTable } from './table';
import type { NamedTable } from './table-rows';

/** So many texts are looked into at most: where captions lie in files of their own, thousands may be without a picture. */
const lookedInto = 50;

/**
 * Texts that are tables by content, and files whose names say nothing: Flickr8k's `captions.txt` and `Flickr8k.token.txt`, and lists of the pictures of a split such as
 * `Flickr_8k.trainImages.txt`.
 */
export const textTableReader: Reader = {
  async *read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    const texts = [...listing.others].filter(
      ([path]) =>
        (extensionOf(path) === 'txt' || isVague(path)) && !listing.pairs.paired.has(path) && !isDocumentation(path),
    );
    for (const [path, file] of texts.slice(0, lookedInto)) {
      signal?.throwIfAborted();
      let table: Table;
      try {
        table = await parseTable(file, listing);
      } catch {
        // No text, or no table: reported with the files that play no part.
        continue;
      }
      if (!isAboutPictures(table, path, listing)) continue;
      const named = await readTable(listing, path, findings, () => table);
      if (named !== null) tables.push(named);
    }
    yield* joinByColumns(tables, 'Text of pictures and captions', listing, findings);
  },
};

/** True when a column names pictures at hand, most of the first rows at least, and there is something to learn about them. */
function isAboutPictures({ columns, first }: Table, path: string, { index }: Listing): boolean {
  if (columns.length < 2 && splitOfTable(path) === null) return false;
  return columns.some((column) => {
    const named = first.filter(({ values }) => {
      const cell = values[column];
      return typeof cell === 'string' && cell !== '' && index.find(cell, path) !== null;
    });
    return named.length > 0 && named.length * 2 >= first.length;
  });
}
