import type { Column, ColumnRole, Dataset, FieldValue, ImageRecord } from './types';

/** The columns of a dataset whose files say nothing but captions and splits. */
export const baseColumns: readonly Column[] = [
  { name: 'picture', role: 'image' },
  { name: 'caption', role: 'caption' },
  { name: 'split', role: 'split' },
];

/** The column that holds a role; null where none does. */
export function columnWithRole(
  { columns }: Pick<Dataset, 'columns'>,
  role: Exclude<ColumnRole, 'none'>,
): Column | null {
  return columns.find((column) => column.role === role) ?? null;
}

/** What a sample has in a column, its captions and its split among them; null where it has nothing, and for its picture. */
export function valueIn(
  { captions, split, fields }: Pick<ImageRecord, 'captions' | 'split' | 'fields'>,
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
export function textIn(sample: Pick<ImageRecord, 'captions' | 'split' | 'fields'>, column: Column): string | null {
  const value = valueIn(sample, column);
  if (Array.isArray(value)) return value.length === 1 ? (value[0] ?? null) : null;
  return value === null ? null : String(value);
}

/** The class of a sample by the dataset's label column; null where there is no such column or it says nothing of the sample. */
export function labelOf(
  dataset: Pick<Dataset, 'columns'>,
  sample: Pick<ImageRecord, 'captions' | 'split' | 'fields'>,
): string | null {
  const column = columnWithRole(dataset, 'label');
  return column === null ? null : textIn(sample, column);
}
