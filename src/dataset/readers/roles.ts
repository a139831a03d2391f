import { mostFieldColumns, textsOf } from '../columns';
import { wordsOf } from '../split-names';
import type { Column, ColumnRole, FieldValue } from '../types';
import { fieldIn } from './fields';
import type { Table } from './rows';

/** Longest name of a column that is kept. */
const nameCharacters = 200;
/** A class has a short name. */
const labelCharacters = 100;

/** Names of columns of questions and answers, also in some other languages. */
const questionWords: readonly string[] = (
  'question questions query prefix pergunta perguntas pregunta preguntas frage fragen domanda domande vraag vragen fråga pytanie pytania soru вопрос ' +
  '問題 質問 问题 질문'
).split(' ');
const answerWords: readonly string[] = (
  'answer answers response responses suffix resposta respostas respuesta respuestas antwort antworten réponse réponses reponse risposta risposte ' +
  'antwoord svar odpowiedź odpowiedzi cevap ответ 回答 答案 답변'
).split(' ');

/** Names in common use by what they hold, the most telling first: `dog_breed` and `Breed ID` are named `breed`. */
const namesByRole: readonly (readonly [ColumnRole, readonly string[]])[] = [
  [
    'label',
    [
      'label',
      'labels',
      'class',
      'classes',
      'category',
      'categories',
      'species',
      'breed',
      'genus',
      'diagnosis',
      'sentiment',
      'emotion',
      'kind',
      'type',
      'tags',
    ],
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
  ['question', questionWords],
  ['answer', answerWords],
  ['number', ['count', 'price', 'rating', 'stars', 'score', 'age', 'quantity', 'amount', 'weight', 'target', 'value']],
];

/** Words at the end of a name that say nothing of what is named. */
const endings = new Set(['id', 'name', 'names', 'number', 'no', 'idx', 'index']);

/** The columns of a table that are kept as fields. */
export interface FieldColumns {
  readonly columns: readonly Column[];
  /** How many are too many to be kept. */
  readonly leftOut: number;
  /** What stands between the labels in a cell (`cat|dog`), by the name of the column. */
  readonly separators: ReadonlyMap<string, string>;
}

/**
 * The columns of a table that are kept as fields, with what they seem to be by name and content. A role goes to one column, the one with the
 * most telling name.
 * @param taken columns that hold the picture, the caption or the split
 */
export function fieldColumns(table: Table, taken: ReadonlySet<string>): FieldColumns {
  const kept = table.columns.filter(
    (name) => !taken.has(name) && name.trim() !== '' && name.length <= nameCharacters && name !== '__proto__',
  );
  const names = kept.slice(0, mostFieldColumns);
  const roles = new Map<string, ColumnRole>();
  for (const [role, words] of namesByRole) {
    const fitting = words
      .flatMap((word) => [
        ...names.filter((own) => wordsOf(own).join(' ') === word),
        ...names.filter((own) => isNamed(own, word, 'only')),
        ...names.filter((own) => isNamed(own, word, 'last')),
      ])
      .filter((own) => !roles.has(own) && fits(role, table, own));
    // The answers of several people say more than the one that most of them gave.
    const lists = role === 'answer' ? fitting.filter((own) => valuesIn(table, own).some(Array.isArray)) : [];
    const name = [...lists, ...fitting][0];
    if (name !== undefined) roles.set(name, role);
  }
  if (![...roles.values()].includes('question')) guessQuestions(table, names, roles);
  return {
    columns: names.map((name) => ({ name, role: roles.get(name) ?? 'none' })),
    leftOut: kept.length - names.length,
    separators: new Map(
      [...roles].flatMap(([name, role]) => {
        const separator = role === 'label' ? separatorIn(table, name) : null;
        return separator === null ? [] : [[name, separator] as const];
      }),
    ),
  };
}

/** What stands between several labels in the cells of a column; commas only where its name speaks of several (`labels`, `tags`). */
function separatorIn(table: Table, name: string): string | null {
  const texts = valuesIn(table, name).filter((value) => typeof value === 'string');
  const isPlural = /s$/.test(wordsOf(name).at(-1) ?? '') && !isNamed(name, 'class', 'last');
  return ['|', ';', ...(isPlural ? [','] : [])].find((sign) => texts.some((text) => text.includes(sign))) ?? null;
}

function isNamed(column: string, word: string, place: 'only' | 'last'): boolean {
  const words = wordsOf(column);
  while (words.length > 1 && endings.has(words.at(-1) ?? '')) words.pop();
  return words.at(-1) === word && (place === 'last' || words.length === 1);
}

/**
 * Under whatever name: a column of which most texts end in a question mark holds questions, and where there is a single other text column without a
 * role, that holds the answers.
 */
function guessQuestions(table: Table, names: readonly string[], roles: Map<string, ColumnRole>): void {
  const free = names.filter((name) => !roles.has(name));
  const question = free.find((name) => {
    const texts = valuesIn(table, name).flatMap(textsOf);
    return texts.length > 0 && texts.filter((text) => /[?？؟]$/.test(text)).length >= 0.8 * texts.length;
  });
  if (question === undefined) return;
  roles.set(question, 'question');
  if ([...roles.values()].includes('answer')) return;
  const [answer, ...others] = free.filter((name) => name !== question && holdsTexts(table, name));
  if (answer !== undefined && others.length === 0) roles.set(answer, 'answer');
}

/** True when the first rows of a column hold what the role asks for. */
function fits(role: ColumnRole, table: Table, name: string): boolean {
  const values = valuesIn(table, name);
  if (values.length === 0) return false;
  switch (role) {
    case 'label':
      return (
        !speaksOfQuestions(name) &&
        values.flatMap(textsOf).every((text) => text.length <= labelCharacters && !isFraction(text))
      );
    case 'question':
      return holdsTexts(table, name);
    case 'number':
      return values.every((value) => !Array.isArray(value) && Number.isFinite(Number(value)));
    case 'group':
      return values.every((value) => !Array.isArray(value));
    default:
      return true;
  }
}

/** `question_type` is no class of a picture, and `question_text` no caption. */
export function speaksOfQuestions(name: string): boolean {
  return wordsOf(name).some((word) => questionWords.includes(word) || answerWords.includes(word));
}

/** What the first rows say in a column. */
function valuesIn({ first }: Table, name: string): readonly FieldValue[] {
  return first
    .map(({ values }) => fieldIn(Object.hasOwn(values, name) ? values[name] : null))
    .filter((value) => value !== null);
}

/** True where a column has words and not numbers alone. */
function holdsTexts(table: Table, name: string): boolean {
  return valuesIn(table, name).some((value) => textsOf(value).some((text) => /\p{L}/u.test(text)));
}

const isFraction = (text: string): boolean => text.includes('.') && !Number.isNaN(Number(text));
