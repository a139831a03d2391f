import { pairQuestions, type Question } from './questions';
import type { Column, ColumnRole, FieldValue, SampleRecord } from './types';

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

/** True for a role that several columns may hold. */
export function isShared(role: ColumnRole): boolean {
  return role === 'number' || role === 'group';
}

/** True where a column of that role may join these. */
export function isFree(role: ColumnRole, columns: Iterable<Column>): boolean {
  return role === 'none' || isShared(role) || ![...columns].some((column) => column.role === role);
}

/** What has columns: a dataset, or what is to become one. */
export interface Columned {
  readonly columns: readonly Column[];
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
    else columns.push({ name, role: isFree(role, columns) ? role : 'none' });
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

/** All columns that hold a role, in their order. */
export function columnsWithRole({ columns }: Columned, role: ColumnRole): readonly Column[] {
  return columns.filter((column) => column.role === role);
}

/** The column that holds a role, of several the first; null where none does. */
export function columnWithRole({ columns }: Columned, role: Exclude<ColumnRole, 'none'>): Column | null {
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

/** What a sample says, besides its picture. */
type Words = Pick<SampleRecord, 'captions' | 'split' | 'fields'>;

/** All texts of a value in order: a number in digits. */
export function textsOf(value: FieldValue | null): readonly string[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.flat() : [String(value)];
}

/** The one text that a sample has in a column: a number in digits; null where it has none or several. */
export function textIn(sample: Words, column: Column): string | null {
  const [text, ...others] = textsOf(valueIn(sample, column));
  return others.length === 0 ? (text ?? null) : null;
}

/** The class of a sample by the dataset's label column; null where there is no such column or it does not say one class of the sample. */
export function labelOf(dataset: Columned, sample: Words): string | null {
  const [label, ...others] = labelsOf(dataset, sample);
  return others.length === 0 ? (label ?? null) : null;
}

/** The different classes of a sample by the dataset's label column, in order and without white space around them; none where it says nothing. */
export function labelsOf(dataset: Columned, sample: Words): readonly string[] {
  const column = columnWithRole(dataset, 'label');
  const labels = column === null ? [] : textsOf(valueIn(sample, column)).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ''))];
}

/** The number that a sample has in a column; null where it has none, several, or something else. */
export function numberIn(sample: Words, column: Column): number | null {
  const text = textIn(sample, column)?.trim() ?? '';
  const number = text === '' ? Number.NaN : Number(text);
  return Number.isFinite(number) ? number : null;
}

/**
 * What is asked of a sample, each question once and with its accepted answers; none where the dataset has no column of questions. A question may have
 * no answer: it takes no part in teaching and measuring.
 */
export function questionsOf(dataset: Columned, sample: Words): readonly Question[] {
  const question = columnWithRole(dataset, 'question');
  if (question === null) return [];
  const answer = columnWithRole(dataset, 'answer');
  return pairQuestions(valueIn(sample, question), answer === null ? null : valueIn(sample, answer));
}
