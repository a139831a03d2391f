/** One record of a table, with the line or row number that a user finds it under. */
export interface Row {
  readonly number: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** A table of a file that was looked through once. */
export interface Table {
  /** Column names as written, in order of appearance. */
  readonly columns: readonly string[];
  /** Whether the file names its columns; those of a table without header are called "column 1" and so on. */
  readonly header: 'given' | 'none';
  /** The first rows, by which columns are recognised. */
  readonly first: readonly Row[];
  /** All rows from the first on, each time it is called; some at a time, since waiting for each would take longer than reading it. */
  rows(): AsyncIterable<readonly Row[]> | Iterable<readonly Row[]>;
}

/** So many rows are looked at to tell what a column holds. */
export const probedRows = 50;

/** Objects as the rows of a table, numbered from 1 unless given; the columns are all their keys. */
export function tableOf(
  objects: readonly Readonly<Record<string, unknown>>[],
  numberOf: (i: number) => number = (i) => i + 1,
): Table {
  const columns = new Set<string>();
  for (const object of objects) for (const key of Object.keys(object)) columns.add(key);
  const rows = objects.map((values, i): Row => ({ number: numberOf(i), values }));
  return { columns: [...columns], header: 'given', first: rows.slice(0, probedRows), rows: () => [rows] };
}

/** True for what JSON writes in braces. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
