import Papa from 'papaparse';
import { DatasetError } from '../errors';
import { extensionOf } from '../paths';
import { decodeText } from '../text';

/** One record of a table, with the line or row number that a user finds it under. */
export interface Row {
  readonly number: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A table file as records. */
export interface Table {
  /** Column names as written, in order of appearance. */
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
}

const tableExtensions = new Set(['csv', 'tsv', 'jsonl', 'ndjson']);

/** True for the extensions that are read as tables. */
export function isTablePath(path: string): boolean {
  return tableExtensions.has(extensionOf(path));
}

/**
 * Reads a CSV, TSV or JSON Lines file. The delimiter of a CSV is found by looking (comma, tab, semicolon or bar); quoted fields may hold line
 * breaks.
 * @throws DatasetError `unreadable`: not UTF-8, broken quoting, a line that is no JSON object
 */
export function readTable(bytes: Uint8Array, path: string): Table {
  const text = decodeText(bytes, path);
  const extension = extensionOf(path);
  return extension === 'jsonl' || extension === 'ndjson'
    ? readJsonLines(text, path)
    : readDelimited(text, path, extension === 'tsv' ? '\t' : '');
}

function readDelimited(text: string, path: string, delimiter: string): Table {
  const parsed = Papa.parse<string[]>(text, {
    delimiter,
    delimitersToGuess: [',', '\t', ';', '|'],
    skipEmptyLines: 'greedy',
  });
  const quoting = parsed.errors.find((error) => error.type === 'Quotes');
  if (quoting !== undefined) {
    throw new DatasetError(
      'unreadable',
      `${path} has a quotation mark without its partner near row ${(quoting.row ?? 0) + 1}. Close it, or double quotation marks inside a field.`,
    );
  }
  const [header, ...records] = parsed.data;
  const columns = (header ?? []).map((name) => name.trim());
  return {
    columns: columns.filter((name) => name !== ''),
    rows: records.map((record, i) => ({
      number: i + 2,
      values: Object.fromEntries(columns.map((name, column) => [name, record[column]])),
    })),
  };
}

function readJsonLines(text: string, path: string): Table {
  const columns = new Set<string>();
  const rows: Row[] = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (line.trim() === '') return;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw new DatasetError(
        'unreadable',
        `${path}, line ${i + 1}, is not JSON. A JSON Lines file holds one object a line; mend that line.`,
        { cause: error },
      );
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new DatasetError(
        'unreadable',
        `${path}, line ${i + 1}, is not a JSON object such as {"file_name": …, "text": …}.`,
      );
    }
    for (const key of Object.keys(value)) columns.add(key);
    rows.push({ number: i + 1, values: value as Record<string, unknown> });
  });
  return { columns: [...columns], rows };
}
