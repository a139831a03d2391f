import { reasonOf } from '../errors';
import { fileLimits } from '../limits';
import { extensionOf, isDocumentation } from '../paths';
import { captionsIn } from './cells';
import { readJson } from './json-document';
import type { Listing, Reader } from './reader';
import { isObject, tableOf, type Table } from './rows';
import { headedTable, joinByColumns, readTable } from './table';
import type { NamedTable } from './table-rows';

/**
 * JSON documents about many pictures: a list of objects (also below a key, as in Karpathy's `images`), a map from picture to captions (kohya's
 * metadata), or JSON Lines under the wrong extension. JSON files that belong to one picture each are caption files.
 */
export const jsonReader: Reader = {
  async *read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    for (const [path, file] of listing.others) {
      if (extensionOf(path) !== 'json' || findings.used.has(path) || isDocumentation(path)) continue;
      signal?.throwIfAborted();
      let make: (() => Table) | null;
      try {
        make = tableIn(await readJson(file), path, listing);
      } catch (error) {
        const table = file.size > fileLimits.table ? null : await headedTable(file, listing);
        if (table === null) {
          findings.rejected.push({ path, reason: reasonOf(error) });
          continue;
        }
        make = () => table;
      }
      // Any other document is left to be reported with the files that play no part.
      const named = make === null ? null : await readTable(listing, path, findings, make);
      if (named !== null) tables.push(named);
    }
    yield* joinByColumns(tables, 'JSON list of pictures and captions', listing, findings);
  },
};

/** A document as a table: a list of objects, itself or below a key, or a map of which most keys name pictures. Null for any other. */
function tableIn(document: unknown, path: string, { index }: Listing): (() => Table) | null {
  if (isRecords(document)) return () => tableOf(document);
  if (!isObject(document)) return null;
  const entries = Object.entries(document);
  const named = entries.filter(([name]) => index.find(name, path) !== null);
  if (named.length > 0 && named.length * 2 >= entries.length) return () => tableOf(entries.map(rowOfEntry));
  const records = entries.map(([, value]) => value).find(isRecords);
  return records === undefined ? null : () => tableOf(records);
}

const isRecords = (value: unknown): value is readonly Readonly<Record<string, unknown>>[] =>
  Array.isArray(value) && value.length > 0 && value.every(isObject);

/** `{"a.jpg": "caption"}`, a list of captions, or an object with the caption in a field of its own (kohya: `caption`, else `tags`). */
function rowOfEntry([name, value]: readonly [string, unknown]): Readonly<Record<string, unknown>> {
  if (!isObject(value)) return { file_name: name, text: value };
  const captions = captionsIn(value);
  return { file_name: name, text: captions.length > 0 ? captions : value['tags'], split: value['split'] };
}
