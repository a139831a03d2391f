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
  /** Whether the file names its columns; those of a table without header are called "column 1" and so on. */
  readonly header: 'given' | 'none';
}

/** Objects as the rows of a table, numbered from 1 unless given; the columns are all their keys. */
export function tableOf(
  objects: readonly Readonly<Record<string, unknown>>[],
  numberOf: (i: number) => number = (i) => i + 1,
): Table {
  const columns = new Set<string>();
  for (const object of objects) for (const key of Object.keys(object)) columns.add(key);
  return {
    columns: [...columns],
    rows: objects.map((values, i) => ({ number: numberOf(i), values })),
    header: 'given',
  };
}

/** True for what JSON writes in braces. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
