import type { Column, ColumnRole, Dataset, FieldValue, SampleRecord } from './types';

/** The columns of a dataset whose files say nothing but captions and splits. */
export const baseColumns: readonly Column[] = [
  { name: 'picture', role: 'image' },
  { name: 'caption', role: 'caption' },
  { name: 'split', role: 'split' },
];

/** Columns that a dataset has at most besides picture, captions and split. */
export const mostFieldColumns = 64;

/** True for a column whose values lie in the fields of the samples, and not in a place of their own. */
export function isFieldColumn({ role }: Column): boolean {
  return role !== 'image' && role !== 'caption' && role !== 'split';
}

/** Stands for a column that is not there yet. */
const anyField: Column = { name: '', role: 'none' };

/** How the columns that files bring join those of a dataset. */
export interface JoinedColumns {
  readonly columns: readonly Column[];
  /** New names of those that are called as a column with a place of its own. */
  readonly renamed: ReadonlyMap<string, string>;
  /** Those that are too many. */
  readonly leftOut: ReadonlySet<string>;
}

/** Joins columns by name. One that is there keeps its role; a new one has its own only where no other column holds it. */
export function joinColumns(known: readonly Column[], added: readonly Column[]): JoinedColumns {
  const columns = [...known];
  const renamed = new Map<string, string>();
  const leftOut = new Set<string>();
  const named = (name: string): Column | undefined => columns.find((column) => column.name === name);
  for (const { name: given, role } of added) {
    let name = given;
    for (let i = 2; !isFieldColumn(named(name) ?? anyField); i += 1) name = `${given} ${i}`;
    if (name !== given) renamed.set(given, name);
    if (named(name) !== undefined) continue;
    if (columns.filter(isFieldColumn).length >= mostFieldColumns) leftOut.add(given);
    else columns.push({ name, role: columns.some((column) => column.role === role) ? 'none' : role });
  }
  return { columns, renamed, leftOut };
}

/** The fields of a sample by the names that their columns got when they joined. */
export function joinedFields(
  fields: SampleRecord['fields'],
  { renamed, leftOut }: JoinedColumns,
): SampleRecord['fields'] {
  if (renamed.size + leftOut.size === 0) return fields;
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      leftOut.has(name) ? [] : [[renamed.get(name) ?? name, value] as const],
    ),
  );
}

/** The column that holds a role; null where none does. */
export function columnWithRole(
  { columns }: Pick<Dataset, 'columns'>,
  role: Exclude<ColumnRole, 'none'>,
): Column | null {
  return columns.find((column) => column.role === role) ?? null;
}

/** What a sample has in a column, its captions and its split among them; null where it has nothing, and for its picture. */
export function valueIn(
  { captions, split, fields }: Pick<SampleRecord, 'captions' | 'split' | 'fields'>,
  { name, role }: Column,
): FieldValue | null {
  switch (role) {
    case 'image':
      return null;
    case 'caption':
      return captions.length > 0 ? captions : null;
    case 'split':
      return split;
    default:
      return Object.hasOwn(fields, name) ? (fields[name] ?? null) : null;
  }
}

/** The one text that a sample has in a column: a number in digits; null where it has none or several. */
export function textIn(sample: Pick<SampleRecord, 'captions' | 'split' | 'fields'>, column: Column): string | null {
  const value = valueIn(sample, column);
  if (Array.isArray(value)) return value.length === 1 ? (value[0] ?? null) : null;
  return value === null ? null : String(value);
}

/** The class of a sample by the dataset's label column; null where there is no such column or it says nothing of the sample. */
export function labelOf(
  dataset: Pick<Dataset, 'columns'>,
  sample: Pick<SampleRecord, 'captions' | 'split' | 'fields'>,
): string | null {
  const column = columnWithRole(dataset, 'label');
  return column === null ? null : textIn(sample, column);
}
