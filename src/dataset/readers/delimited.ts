import Papa from 'papaparse';
import { DatasetError } from '../errors';
import { extensionOf } from '../paths';
import type { Table } from './rows';

/** Tells whether a first row is a record already and the header missing. */
export type IsRecord = (cells: readonly string[]) => boolean;

/**
 * Reads a CSV or TSV. The delimiter of a CSV is found by looking (comma, tab, semicolon or bar); quoted fields may hold line breaks. A file
 * whose first row is a record has no header. Tab-separated files often know no quoting: where the quotation marks of one do not match
 * up, they are taken as part of the text.
 * @throws DatasetError `unreadable`: broken quoting
 */
export function readDelimited(text: string, path: string, isRecord: IsRecord): Table {
  const cells = parse(text, path);
  const [first = [], ...rest] = cells;
  if (isRecord(first)) {
    const columns = first.map((_, column) => `column ${column + 1}`);
    return { columns, rows: cells.map((record, i) => rowOf(columns, record, i + 1)), header: 'none' };
  }
  const columns = first.map((name) => name.trim());
  return {
    columns: columns.filter((name) => name !== ''),
    rows: rest.map((record, i) => rowOf(columns, record, i + 2)),
    header: 'given',
  };
}

function rowOf(columns: readonly string[], record: readonly string[], number: number): Table['rows'][number] {
  return { number, values: Object.fromEntries(columns.map((name, column) => [name, record[column]])) };
}

/** A `.tsv`, or a text without table extension whose first lines all have a tab. */
function isTabSeparated(text: string, path: string): boolean {
  const extension = extensionOf(path);
  if (extension === 'tsv' || extension === 'csv') return extension === 'tsv';
  const lines = text.slice(0, 10_000).split('\n').slice(0, 10);
  return lines.every((line) => line.trim() === '' || line.includes('\t'));
}

function parse(text: string, path: string): string[][] {
  const options = {
    delimiter: isTabSeparated(text, path) ? '\t' : '',
    delimitersToGuess: [',', '\t', ';', '|'],
    skipEmptyLines: 'greedy' as const,
  };
  const parsed = Papa.parse<string[]>(text, options);
  const quoting = parsed.errors.find((error) => error.type === 'Quotes');
  if (quoting === undefined) return parsed.data;
  if (parsed.meta.delimiter === '\t')
    return Papa.parse<string[]>(text, { ...options, delimiter: '\t', fastMode: true }).data;
  throw new DatasetError(
    'unreadable',
    `${path} has a quotation mark without its partner near row ${(quoting.row ?? 0) + 1}. Close it, or double quotation marks inside a field.`,
  );
}
