import { DatasetError, reasonOf } from '../errors';
import { readWithin } from '../limits';
import { extensionOf, isDocumentation } from '../paths';
import { decodeText } from '../text';
import { captionsIn } from './cells';
import { isCoco, readCoco } from './coco';
import { readJsonSequence } from './json-lines';
import type { CaptionSource, Listing, Reader } from './reader';
import { isObject, tableOf, type Table } from './rows';
import { describe, joinByColumns, readTable, type NamedTable } from './table';

/**
 * JSON documents about many pictures: COCO captions, a list of objects (also below a key, as in Karpathy's `images`), a map from picture to
 * captions (kohya's metadata), or JSON Lines under the wrong extension. JSON files that belong to one picture each are caption files.
 */
export const jsonReader: Reader = {
  async read(listing, findings, signal) {
    const coco: NamedTable[] = [];
    const tables: NamedTable[] = [];
    for (const [path, source] of listing.others) {
      if (extensionOf(path) !== 'json' || findings.used.has(path) || isDocumentation(path)) continue;
      signal?.throwIfAborted();
      let document: unknown;
      try {
        document = parseJson(decodeText(await readWithin(source, 'table'), path), path);
      } catch (error) {
        findings.rejected.push({ path, reason: reasonOf(error) });
        continue;
      }
      const isCocoFile = isObject(document) && isCoco(document);
      const make = isCocoFile ? () => readCoco(document, path) : tableIn(document, path, listing);
      // Any other document is left to be reported with the files that play no part.
      if (make === null) continue;
      const named = await readTable(listing, path, findings, () => Promise.resolve().then(make));
      if (named !== null) (isCocoFile ? coco : tables).push(named);
    }
    const sources: CaptionSource[] = joinByColumns(tables, 'JSON list of pictures and captions', listing, findings);
    return coco.length === 0 ? sources : [describe(coco, 'COCO captions', listing, findings), ...sources];
  },
};

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const values = readJsonSequence(text);
    if (values !== null) return values;
    throw new DatasetError('unreadable', `${path} is not JSON: it is damaged or cut short. Export it again.`, {
      cause: error,
    });
  }
}

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
