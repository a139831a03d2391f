import { reasonOf } from '../errors';
import { readWithin } from '../limits';
import { splitNamed, splitOfPath } from '../paths';
import type { Rejection, Split } from '../types';
import { captionsIn, findColumns } from './columns';
import { cleanCaptions, type Listing, type Picture, type Reader, type Reading } from './reader';
import { indexPictures, type PictureIndex } from './resolve';
import { isTablePath, readTable, type Table } from './rows';

/** CSV, TSV or JSON Lines files whose columns name a picture and its caption. */
export const tableReader: Reader = {
  format: 'Table of pictures and captions (CSV, TSV or JSON Lines)',
  detect: (listing) => listing.images.size > 0 && [...listing.others.keys()].some(isTablePath),
  read(listing, rejected, signal) {
    // Metadata files that could not be used as such are reported already; they would fail here in the same way.
    const refused = new Set(rejected.map(({ path }) => path));
    const tables = [...listing.others.keys()].filter((path) => isTablePath(path) && !refused.has(path));
    return readTables(listing, tables, rejected, signal);
  },
};

interface Described {
  readonly captions: string[];
  split: Split | null;
}

/**
 * Reads the tables at `paths` and joins them: several rows for one picture make several captions. Pictures that no row names are kept without
 * a caption.
 * @returns null when none of the tables could be used; the reasons are in `rejected`
 */
export async function readTables(
  listing: Listing,
  paths: readonly string[],
  rejected: Rejection[],
  signal?: AbortSignal,
): Promise<Reading | null> {
  const index = indexPictures(listing.images.keys());
  const described = new Map<string, Described>();
  const used = new Set<string>();
  for (const path of paths) {
    signal?.throwIfAborted();
    const source = listing.others.get(path);
    if (source === undefined) continue;
    try {
      const table = readTable(await readWithin(source, 'table'), path);
      describeRows(table, path, index, described, rejected);
      used.add(path);
    } catch (error) {
      rejected.push({ path, reason: reasonOf(error) });
    }
  }
  if (used.size === 0) return null;
  const pictures = [...listing.images].map(([path, source]): Picture => {
    const found = described.get(path);
    return { source, captions: cleanCaptions(found?.captions ?? []), split: found?.split ?? splitOfPath(path) };
  });
  return { pictures, rejected: [], used };
}

function describeRows(
  table: Table,
  path: string,
  index: PictureIndex,
  described: Map<string, Described>,
  rejected: Rejection[],
): void {
  const columns = findColumns(table, path);
  for (const row of table.rows) {
    const cell = row.values[columns.image];
    const name = typeof cell === 'string' ? cell.trim() : '';
    if (name === '') {
      rejected.push({
        path,
        reason: `Row ${row.number} names no picture in its column "${columns.image}". Fill it in or delete the row.`,
      });
      continue;
    }
    const found = index.find(name, path);
    if (typeof found !== 'string') {
      rejected.push({ path: name, reason: missingReason(name, path, row.number, found?.candidates ?? []) });
      continue;
    }
    const split = columns.split === null ? null : row.values[columns.split];
    const entry = described.get(found) ?? { captions: [], split: null };
    for (const caption of captionsIn(row.values[columns.caption])) entry.captions.push(caption);
    entry.split ??= typeof split === 'string' ? splitNamed(split) : null;
    described.set(found, entry);
  }
}

function missingReason(name: string, path: string, row: number, candidates: readonly string[]): string {
  const where = `Named in row ${row} of ${path}`;
  if (candidates.length > 1) {
    return `${where}, but ${candidates.length} pictures have that name (${candidates.slice(0, 3).join(', ')}). Write the path with its folder.`;
  }
  return /^https?:\/\//i.test(name)
    ? `${where} as a web address. Pictures are read from files only; download it and name the file.`
    : `${where}, but not among the files. Add the picture or delete the row.`;
}
