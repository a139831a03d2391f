import type { ColumnRole, FieldValue } from '../types';
import { readList } from './list-literal';

/** What is kept of a table besides captions and splits. */
export const fieldLimits = {
  /** Characters of a text; a longer one is left out. */
  characters: 10_000,
  /** Texts that a sample has in one column; those beyond are left out. */
  texts: 1_000,
} as const;

/**
 * What a cell says as a field: a text, a number, or a list of texts, also one written as JSON or Python writes it. Null for what is no such
 * thing (empty, nested, over the limits).
 */
export function fieldIn(cell: unknown): FieldValue | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  if (typeof cell === 'boolean') return String(cell);
  if (typeof cell === 'string') return textsIn(readList(cell)) ?? textIn(cell);
  return Array.isArray(cell) ? textsIn(cell) : null;
}

function textIn(cell: unknown): string | null {
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (typeof cell !== 'string') return null;
  const text = cell.trim();
  return text === '' || text.length > fieldLimits.characters ? null : text;
}

function textsIn(items: readonly unknown[] | null): string[] | null {
  const texts = (items ?? []).slice(0, fieldLimits.texts).flatMap((item) => textIn(item) ?? []);
  return texts.length === 0 ? null : texts;
}

/**
 * What several rows about one picture say in a column: each text once, and a single one by itself.
 * @param inRows true where repetitions stay, see `isInRows`
 */
export function joinValues(known: FieldValue, more: FieldValue, inRows: boolean): FieldValue {
  if (known === more && !inRows) return known;
  const all = [known, more].flatMap((value): readonly string[] => (Array.isArray(value) ? value : [String(value)]));
  const texts = (inRows ? all : [...new Set(all)]).slice(0, fieldLimits.texts);
  return texts.length === 1 ? (texts[0] ?? '') : texts;
}

/** True for roles whose values belong together row by row: the first question keeps the first answer, whatever the others are. */
export function isInRows(role: ColumnRole): boolean {
  return role === 'question' || role === 'answer';
}
