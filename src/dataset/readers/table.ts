import { reasonOf } from '../errors';
import { readWithin } from '../limits';
import { baseName, extensionOf } from '../paths';
import { splitNamed, splitOfTable } from '../split-names';
import { decodeText } from '../text';
import type { Rejection, Split } from '../types';
import { captionsIn, pictureIn } from './cells';
import { findColumns, isHeader, type ColumnRoles } from './columns';
import { readDelimited } from './delimited';
import { readJsonLines } from './json-lines';
import { captionOfClass, type CaptionSource, type Findings, type Listing, type Reader, type Target } from './reader';
import type { Ambiguity } from './resolve';
import type { Table } from './rows';

const tableExtensions = new Set(['csv', 'tsv', 'jsonl', 'ndjson']);

/** True for the extensions that are read as tables. */
export function isTablePath(path: string): boolean {
  return tableExtensions.has(extensionOf(path));
}

/** CSV, TSV or JSON Lines files whose columns name a picture and its caption. Tables with the same columns are parts of one. */
export const tableReader: Reader = {
  async read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    for (const [path, source] of listing.others) {
      if (!isTablePath(path) || findings.used.has(path)) continue;
      signal?.throwIfAborted();
      const table = await readTable(listing, path, findings, async () => {
        const text = decodeText(await readWithin(source, 'table'), path);
        return parseTable(text, path, listing);
      });
      if (table !== null) tables.push(table);
    }
    return joinByColumns(tables, 'Table of pictures and captions (CSV, TSV or JSON Lines)', listing, findings);
  },
};

/** The table in a text, by the extension of its file. */
export function parseTable(text: string, path: string, { index }: Listing): Table {
  const extension = extensionOf(path);
  if (extension === 'jsonl' || extension === 'ndjson') return readJsonLines(text, path);
  return readDelimited(
    text,
    path,
    (cells) => !isHeader(cells) && cells.some((cell) => index.find(cell, path) !== null),
  );
}

/** A table with the file that it is from and what its columns hold. */
export interface NamedTable {
  readonly path: string;
  readonly table: Table;
  readonly columns: ColumnRoles;
}

/** Makes a table and finds its columns. Null when it cannot be used, with the reason reported. */
export async function readTable(
  { index }: Listing,
  path: string,
  findings: Findings,
  make: () => Promise<Table>,
): Promise<NamedTable | null> {
  findings.used.add(path);
  try {
    const table = await make();
    return { path, table, columns: findColumns(table, path, index) };
  } catch (error) {
    findings.rejected.push({ path, reason: reasonOf(error) });
    return null;
  }
}

/** A source for each set of tables with the same columns: the shards or splits of one dataset, or several annotators' captions. */
export function joinByColumns(
  tables: readonly NamedTable[],
  format: string,
  listing: Listing,
  findings: Findings,
): CaptionSource[] {
  const groups = new Map<string, NamedTable[]>();
  for (const named of tables) {
    const key = JSON.stringify([...named.table.columns].sort());
    groups.set(key, [...(groups.get(key) ?? []), named]);
  }
  return [...groups.values()].map((group) => describe(group, format, listing, findings));
}

/** Joins tables to one source: several rows for one picture make several captions. Rows that name no picture at hand are reported. */
export function describe(
  tables: readonly NamedTable[],
  format: string,
  listing: Listing,
  findings: Findings,
): CaptionSource {
  const described = new Map<Target, Described>();
  for (const named of tables) describeRows(named, listing, described, findings.rejected);
  const [first] = tables;
  const guess = tables.find(({ columns }) => columns.guessed);
  return {
    format,
    name:
      tables.length === 1 || first === undefined ? (first?.path ?? '') : `${first.path} and ${tables.length - 1} more`,
    described,
    note: guess === undefined ? null : guessNote(guess),
  };
}

function guessNote({ path, columns }: NamedTable): string {
  const what = columns.classes ? 'class names, of which captions were made' : 'the captions';
  return `The column "${columns.caption}" of ${baseName(path)} was taken for ${what}. If another one holds them, call that one "text" and add the table again.`;
}

interface Described {
  readonly captions: string[];
  split: Split | null;
}

function describeRows(
  { table, path, columns }: NamedTable,
  listing: Listing,
  described: Map<Target, Described>,
  rejected: Rejection[],
): void {
  const splitOfAll = splitOfTable(path);
  const missing: Rejection[] = [];
  let fits = false;
  for (const row of table.rows) {
    const name = pictureIn(row.values[columns.image]);
    if (name === '') {
      rejected.push({
        path,
        reason: `Row ${row.number} names no picture in its column "${columns.image}". Fill it in or delete the row.`,
      });
      continue;
    }
    const found = listing.index.find(name, path);
    if (found === null) {
      // A file that is here but can be no picture is reported by itself.
      if (!listing.otherNames.has(baseName(name).toLowerCase()))
        missing.push({ path: name, reason: missingReason(name, path, row.number) });
      continue;
    }
    fits = true;
    if ('candidates' in found) {
      rejected.push({ path: name, reason: ambiguousReason(found, path, row.number) });
      continue;
    }
    const entry = described.get(found) ?? { captions: [], split: null };
    if (columns.caption !== null) {
      const captions = captionsIn(row.values[columns.caption]);
      entry.captions.push(...(columns.classes ? captions.map((label) => captionOfClass(label.trim())) : captions));
    }
    const split = columns.split === null ? null : row.values[columns.split];
    entry.split ??= (typeof split === 'string' ? splitNamed(split) : null) ?? splitOfAll;
    described.set(found, entry);
  }
  const [first] = missing;
  if (!fits && first !== undefined && missing.length > 1)
    rejected.push({ path, reason: strangeReason(missing.length, first) });
  else rejected.push(...missing);
}

const isAddress = (name: string): boolean => /^https?:\/\//i.test(name);

const whereNamed = (path: string, row: number): string => `Named in row ${row} of ${path}`;

function missingReason(name: string, path: string, row: number): string {
  return isAddress(name)
    ? `${whereNamed(path, row)} as a web address. Pictures are read from files only; download it and name the file.`
    : `${whereNamed(path, row)}, but not among the files. Add the picture or delete the row.`;
}

function ambiguousReason({ candidates }: Ambiguity, path: string, row: number): string {
  const some = candidates.slice(0, 3).join(', ');
  return `${whereNamed(path, row)}, but ${candidates.length} pictures have that name (${some}). Write the path with its folder.`;
}

/** For a table of which no row fits: one sentence instead of one a row. */
function strangeReason(rows: number, example: Rejection): string {
  const all = `All ${rows.toLocaleString('en')} rows`;
  return isAddress(example.path)
    ? `${all} name their pictures by web addresses (such as ${example.path}), which are not fetched. Download the pictures (img2dataset does that) and add them together with the captions that it writes.`
    : `${all} name pictures that are not among the files (such as ${example.path}). Add the pictures together with the table.`;
}
