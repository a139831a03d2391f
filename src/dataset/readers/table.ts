import { isFree } from '../columns';
import { reasonOf } from '../errors';
import { checkSize } from '../limits';
import { baseName, extensionOf } from '../paths';
import { contentOf, sniffedBytes } from '../sniff';
import { startOf, type SourceFile } from '../source';
import type { Column } from '../types';
import { findColumns, isHeader, type TableColumns } from './columns';
import { readDelimited } from './delimited';
import { readJsonLines } from './json-lines';
import type { Findings, Listing, OpenSource, Reader, Statement } from './reader';
import type { Table } from './rows';
import { statementsOf, type NamedTable } from './table-rows';

/** CSV, TSV or JSON Lines files whose columns name a picture and its caption. Tables with the same columns are parts of one. */
export const tableReader: Reader = {
  async *read(listing, findings, signal) {
    const tables: NamedTable[] = [];
    for (const [path, file] of listing.others) {
      if (!isTablePath(path) || findings.used.has(path)) continue;
      signal?.throwIfAborted();
      const table = await readTable(listing, path, findings, () => parseTable(file, listing));
      if (table !== null) tables.push(table);
    }
    yield* joinByColumns(tables, 'Table of pictures and captions (CSV, TSV or JSON Lines)', listing, findings);
  },
};

const tableExtensions = new Set(['csv', 'tsv', 'jsonl', 'ndjson']);

/** True for the extensions that are read as tables. */
function isTablePath(path: string): boolean {
  return tableExtensions.has(extensionOf(path));
}

/**
 * The table in a file. Its content decides what it is, whatever it is called; a text under the extension of JSON Lines that is no table is taken
 * for JSON Lines with a mistake.
 */
export async function parseTable(file: SourceFile, listing: Listing): Promise<Table> {
  checkSize(file, 'table');
  if (contentOf(await startOf(file, sniffedBytes)) === 'json') return readJsonLines(file);
  const isLines = extensionOf(file.path) === 'jsonl' || extensionOf(file.path) === 'ndjson';
  return isLines ? ((await headedTable(file, listing)) ?? readJsonLines(file)) : delimited(file, listing);
}

/** The table in a file that is not called one: with a header that names a usual column. Null for any other file. */
export async function headedTable(file: SourceFile, listing: Listing): Promise<Table | null> {
  if (contentOf(await startOf(file, sniffedBytes)) !== 'text') return null;
  const table = await delimited(file, listing).catch(() => null);
  return table !== null && table.columns.length > 1 && isHeader(table.columns) ? table : null;
}

function delimited(file: SourceFile, { index }: Listing): Promise<Table> {
  return readDelimited(file, (cells) => !isHeader(cells) && cells.some((cell) => index.find(cell, file.path) !== null));
}

/** Makes a table and finds its columns. Null when nothing can be had of it; what it lacks is reported. */
export function readTable(
  { index }: Listing,
  path: string,
  findings: Findings,
  make: () => Table | Promise<Table>,
): Promise<NamedTable | null> {
  return readNamed(path, findings, async () => {
    const table = await make();
    return { path, table, columns: findColumns(table, path, index) };
  });
}

/** Makes a table whose columns are known. Null when nothing can be had of it; what it lacks is reported. */
export async function readNamed(
  path: string,
  findings: Findings,
  make: () => NamedTable | Promise<NamedTable>,
): Promise<NamedTable | null> {
  findings.used.add(path);
  try {
    const named = await make();
    const { columns } = named;
    if (columns.lack !== null)
      findings.rejected.push({ path, reason: `${columns.lack} What its other columns say was kept.` });
    if (columns.leftOut > 0) {
      findings.notes.push(
        `${baseName(path)} has ${columns.leftOut + columns.others.length} columns besides pictures, captions and splits; the first ${columns.others.length} were kept.`,
      );
    }
    return named;
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
): OpenSource[] {
  const groups = new Map<string, [NamedTable, ...NamedTable[]]>();
  for (const named of tables) {
    const key = JSON.stringify([...named.table.columns].sort());
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [named]);
    else group.push(named);
  }
  return [...groups.values()].map((group) => sourceOf(group, format, listing, findings));
}

/** Joins tables to one source: several rows for one picture make several captions. */
export function sourceOf(
  tables: readonly [NamedTable, ...NamedTable[]],
  format: string,
  listing: Listing,
  findings: Findings,
): OpenSource {
  const [first] = tables;
  const guess = tables.find(({ columns }) => columns.guessed);
  const { caption, others } = first.columns;
  return {
    format,
    name: tables.length === 1 ? first.path : `${first.path} and ${tables.length - 1} more`,
    promisesCaptions: tables.some(({ columns }) => columns.caption !== null),
    captionColumn: caption === null || others.some(({ name }) => name === caption) ? undefined : caption,
    columns: allColumns(tables),
    note: guess === undefined ? null : guessNote(guess),
    statements: allStatements(tables, listing, findings),
  };
}

/** The columns of all tables; the first rows of one may tell of a column what those of another do not. */
function allColumns(tables: readonly NamedTable[]): readonly Column[] {
  const columns = new Map<string, Column>();
  for (const column of tables.flatMap((named) => named.columns.others)) {
    const known = columns.get(column.name)?.role ?? 'none';
    const others = [...columns.values()].filter(({ name }) => name !== column.name);
    if (known === 'none') columns.set(column.name, isFree(column.role, others) ? column : { ...column, role: 'none' });
  }
  return [...columns.values()];
}

async function* allStatements(
  tables: readonly NamedTable[],
  listing: Listing,
  findings: Findings,
): AsyncGenerator<readonly Statement[]> {
  for (const named of tables) {
    try {
      yield* statementsOf(named, listing, findings);
    } catch (error) {
      // The file was read once already: it has changed or gone since.
      findings.rejected.push({ path: named.path, reason: reasonOf(error) });
    }
  }
}

function guessNote({ path, columns }: NamedTable): string {
  const what = columns.classes ? 'class names, of which captions were made' : 'the captions';
  return `The column "${columns.caption}" of ${baseName(path)} was taken for ${what}. If another one holds them, call that one "text" and add the table again.`;
}

/** Columns of a table that says nothing but which pictures there are. */
export const bareColumns: TableColumns = {
  image: 'file_name',
  caption: null,
  classes: false,
  split: null,
  guessed: false,
  turns: false,
  others: [],
  separators: new Map(),
  leftOut: 0,
  lack: null,
};
