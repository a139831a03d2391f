import { DatasetError } from '../errors';
import type { Table } from './rows';

const imageAliases = [
  'file_name',
  'filename',
  'image',
  'image_path',
  'filepath',
  'path',
  'file',
  'image_file',
  'img',
  'image_name',
  'url',
];
const captionAliases = [
  'text',
  'caption',
  'captions',
  'title',
  'description',
  'prompt',
  'sentence',
  'sentences',
  'alt',
  'alt_text',
  'comment',
];

/** Which columns of a table hold what. */
export interface ColumnRoles {
  readonly image: string;
  readonly caption: string;
  readonly split: string | null;
}

/**
 * Finds the picture, caption and split columns by the names in common use, regardless of case; among several the first of the list wins
 * (`text` before `description`). Hugging Face also allows `*_file_name` for the picture.
 * @throws DatasetError `unreadable` naming the columns that are there and those that are wanted
 */
export function findColumns(table: Table, path: string): ColumnRoles {
  const named = (aliases: readonly string[]): string | null => {
    for (const alias of aliases) {
      const column = table.columns.find((name) => name.toLowerCase().replace(/[ -]/g, '_') === alias);
      if (column !== undefined) return column;
    }
    return null;
  };
  const image = named(imageAliases) ?? table.columns.find((name) => name.toLowerCase().endsWith('_file_name')) ?? null;
  const caption = named(captionAliases);
  if (image === null || caption === null) {
    const missing = [
      image === null ? 'a column for the picture ("file_name")' : null,
      caption === null ? 'a column for the caption ("text")' : null,
    ].filter((part) => part !== null);
    const found = table.columns.length === 0 ? 'It has no header row' : `Its columns are: ${table.columns.join(', ')}`;
    throw new DatasetError(
      'unreadable',
      `${path} lacks ${missing.join(' and ')}. ${found}. Rename or add the column in the first row.`,
    );
  }
  return { image, caption, split: named(['split']) };
}

/** Captions in a cell: a string, or a list of strings or of objects with `raw` or `text` (several captions of one picture). */
export function captionsIn(cell: unknown): string[] {
  if (typeof cell === 'string') return [cell];
  if (typeof cell === 'number') return [String(cell)];
  if (!Array.isArray(cell)) return [];
  return cell.flatMap((item: unknown) => {
    if (typeof item === 'object' && item !== null) {
      const { raw, text } = item as { raw?: unknown; text?: unknown };
      return captionsIn(raw ?? text);
    }
    return captionsIn(item);
  });
}
