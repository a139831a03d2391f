import { textsOf } from '../columns';
import type { ColumnRole, FieldValue } from '../types';
import { readList } from './list-literal';
import { isObject } from './rows';

/** What is kept of a table besides captions and splits. */
export const fieldLimits = {
  /** Characters of a text; a longer one is left out. */
  characters: 10_000,
  /** Texts that a sample has in one column; those beyond are left out. */
  texts: 1_000,
} as const;

/**
 * What a cell says as a field: a text, a number, or a list of texts, also one written as JSON or Python writes it, or a list of such lists. Null for
 * what is no such thing (empty, nested otherwise, over the limits).
 */
export function fieldIn(cell: unknown): FieldValue | null {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : null;
  if (typeof cell === 'boolean') return String(cell);
  if (typeof cell === 'string') return textsIn(readList(cell)) ?? textIn(cell);
  if (!Array.isArray(cell)) return null;
  return cell.some(Array.isArray) ? listsIn(cell) : textsIn(cell);
}

/** Annotators' answers are objects with one text each, as in the files of VQA. */
function textIn(cell: unknown): string | null {
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell);
  if (isObject(cell)) return textIn(cell['answer'] ?? null);
  if (typeof cell !== 'string') return null;
  const text = cell.trim();
  return text === '' || text.length > fieldLimits.characters ? null : text;
}

function textsIn(items: readonly unknown[] | null): string[] | null {
  const texts = (items ?? []).slice(0, fieldLimits.texts).flatMap((item) => textIn(item) ?? []);
  return texts.length === 0 ? null : texts;
}

/** Empty lists keep their places. */
function listsIn(items: readonly unknown[]): string[][] | null {
  const lists = items.slice(0, fieldLimits.texts).map((item) => textsIn(Array.isArray(item) ? item : [item]) ?? []);
  return lists.some(({ length }) => length > 0) ? lists : null;
}

/**
 * What several rows about one picture say in a column. Where all say the same text, that; else each row's, in order, or each text once.
 * @param values of each row; null where it says nothing
 * @param inRows see `isInRows`
 * @returns null where no row says anything
 */
export function joinValues(values: readonly (FieldValue | null)[], inRows: boolean): FieldValue | null {
  const [first] = values;
  const said = values.filter((value) => value !== null);
  const [only] = said;
  if (only === undefined) return null;
  if (values.length === 1 || (!Array.isArray(first) && values.every((value) => value === first))) return only;
  if (inRows) {
    const kept = values.slice(0, fieldLimits.texts);
    if (kept.some(Array.isArray)) return kept.map((value) => [...textsOf(value)]);
    return kept.map((value) => (value === null ? '' : String(value)));
  }
  const texts = [...new Set(said.flatMap(textsOf))].slice(0, fieldLimits.texts);
  return texts.length === 1 ? (texts[0] ?? null) : texts;
}

/**
 * True for roles whose values belong together row by row: the first question keeps the first answer, whatever the others are. So do values of a column
 * without a role, which may yet be found to be questions.
 */
export function isInRows(role: ColumnRole): boolean {
  return role === 'question' || role === 'answer' || role === 'none';
}
