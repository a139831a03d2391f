import { mostFieldColumns } from '../columns';
import { wordsOf } from '../split-names';
import type { Column, ColumnRole } from '../types';
import { fieldIn } from './fields';
import type { Table } from './rows';

/** Longest name of a column that is kept. */
const nameCharacters = 200;
/** A class has a short name. */
const labelCharacters = 100;

/** Names in common use by what they hold, the most telling first: `dog_breed` and `Breed ID` are named `breed`. */
const namesByRole: readonly (readonly [ColumnRole, readonly string[]])[] = [
  [
    'label',
    ['label', 'class', 'category', 'species', 'breed', 'genus', 'diagnosis', 'sentiment', 'emotion', 'kind', 'type'],
  ],
  [
    'group',
    [
      'group',
      'patient',
      'subject',
      'participant',
      'person',
      'individual',
      'case',
      'study',
      'scene',
      'session',
      'burst',
    ],
  ],
  ['question', ['question', 'questions', 'query', 'prefix']],
  ['answer', ['answer', 'answers', 'response', 'suffix']],
  ['number', ['count', 'price', 'rating', 'stars', 'score', 'age', 'quantity', 'amount', 'weight', 'target', 'value']],
];

/** Words at the end of a name that say nothing of what is named. */
const endings = new Set(['id', 'name', 'names', 'number', 'no', 'idx', 'index']);

/**
 * The columns of a table that are kept as fields, with what they seem to be by name and content. A role goes to one column, the one with the
 * most telling name.
 * @param taken columns that hold the picture, the caption or the split
 */
export function fieldColumns(table: Table, taken: ReadonlySet<string>): { columns: Column[]; leftOut: number } {
  const kept = table.columns.filter(
    (name) => !taken.has(name) && name.trim() !== '' && name.length <= nameCharacters && name !== '__proto__',
  );
  const names = kept.slice(0, mostFieldColumns);
  const roles = new Map<string, ColumnRole>();
  for (const [role, words] of namesByRole) {
    const name = words
      .flatMap((word) => [
        ...names.filter((own) => isNamed(own, word, 'only')),
        ...names.filter((own) => isNamed(own, word, 'last')),
      ])
      .find((own) => !roles.has(own) && fits(role, table, own));
    if (name !== undefined) roles.set(name, role);
  }
  return {
    columns: names.map((name) => ({ name, role: roles.get(name) ?? 'none' })),
    leftOut: kept.length - names.length,
  };
}

function isNamed(column: string, word: string, place: 'only' | 'last'): boolean {
  const words = wordsOf(column);
  while (words.length > 1 && endings.has(words.at(-1) ?? '')) words.pop();
  return words.at(-1) === word && (place === 'last' || words.length === 1);
}

/** True when the first rows of a column hold what the role asks for. */
function fits(role: ColumnRole, { first }: Table, name: string): boolean {
  const cells = first.map(({ values }) => (Object.hasOwn(values, name) ? values[name] : null));
  const values = cells.flatMap((cell) => fieldIn(cell) ?? []);
  // A list has no place among values that belong together row by row, and one of several labels is not the label.
  const single = cells.every((cell) => !Array.isArray(fieldIn(cell)));
  if (values.length === 0 || !single) return false;
  switch (role) {
    case 'label':
      return values.every((value) => String(value).length <= labelCharacters && !isFraction(value));
    case 'number':
      return values.every((value) => Number.isFinite(Number(value)));
    default:
      return true;
  }
}

const isFraction = (value: string | number): boolean => String(value).includes('.') && !Number.isNaN(Number(value));
