import type { Column, FieldValue, SampleRecord } from './types';

/**
 * Several questions of one sample. They are stored in the two columns that hold the roles `question` and `answer`: the questions as a list of texts,
 * each once, and in the same places the lists of their accepted answers. Answers are repeated as often as they were given, since measures count
 * how many people gave one.
 */
export interface Question {
  readonly question: string;
  /** In the order given; none for a question that is not answered. */
  readonly answers: readonly string[];
}

/**
 * Pairs what two columns say: lists of the same length place by place; otherwise all answers belong to a single question, and a single answer to each
 * of several questions. Questions that come several times have all the answers.
 */
export function pairQuestions(questions: FieldValue | null, answers: FieldValue | null): readonly Question[] {
  const asked = rowsOf(questions).map((texts) => texts.join(' ').trim());
  const given = rowsOf(answers);
  const pairs = new Map<string, string[]>();
  for (const [i, question] of asked.entries()) {
    if (question === '') continue;
    const own = asked.length === 1 ? given.flat() : given.length === 1 ? given[0] : given[i];
    const known = pairs.get(question) ?? [];
    pairs.set(question, known);
    for (const answer of own ?? []) if (answer.trim() !== '') known.push(answer.trim());
  }
  return [...pairs].map(([question, own]) => ({ question, answers: own }));
}

/** The things that a value speaks of, with the texts of each. */
function rowsOf(value: FieldValue | null): readonly (readonly string[])[] {
  if (value === null) return [];
  if (!Array.isArray(value)) return [[String(value)]];
  return value.map((item) => (Array.isArray(item) ? item : [item]));
}

/** Names of the two columns. */
export interface QuestionColumns {
  readonly question: string;
  readonly answer: string;
}

/** The questions as fields of their columns, see `Question`; no fields where there are none. */
export function questionFields(
  { question, answer }: QuestionColumns,
  questions: readonly Question[],
): SampleRecord['fields'] {
  if (questions.length === 0) return {};
  return {
    [question]: questions.map((each) => each.question),
    [answer]: questions.map(({ answers }) => [...answers]),
  };
}

/** Questions of a source read row by row: those that come again have the answers of all rows. */
export function gatherQuestions(rows: readonly (readonly Question[])[]): readonly Question[] {
  const gathered = new Map<string, string[]>();
  for (const { question, answers } of rows.flat()) {
    const known = gathered.get(question);
    if (known === undefined) gathered.set(question, [...answers]);
    else known.push(...answers);
  }
  return [...gathered].map(([question, answers]) => ({ question, answers }));
}

/**
 * Adds what another source says of the same sample. A question that both have keeps each answer as often as the source that has it most: the same
 * file read again adds nothing.
 */
export function mergeQuestions(known: readonly Question[], more: readonly Question[]): readonly Question[] {
  const merged = new Map(known.map(({ question, answers }) => [question, [...answers]]));
  for (const { question, answers } of more) {
    const own = merged.get(question) ?? [];
    merged.set(question, own);
    const left = new Map<string, number>();
    for (const answer of own) left.set(answer, (left.get(answer) ?? 0) + 1);
    for (const answer of answers) {
      const there = left.get(answer) ?? 0;
      if (there > 0) left.set(answer, there - 1);
      else own.push(answer);
    }
  }
  return [...merged].map(([question, answers]) => ({ question, answers }));
}

/**
 * The fields of a sample that two sources speak of. Where both fill a column, one of them counts, but questions add up (`mergeQuestions`).
 * @param counts whose value is taken
 * @param columns those of the questions and answers; null where there are none
 */
export function mergeFields(
  known: SampleRecord['fields'],
  more: SampleRecord['fields'],
  counts: 'known' | 'more',
  columns: QuestionColumns | null,
): SampleRecord['fields'] {
  const merged = counts === 'known' ? { ...more, ...known } : { ...known, ...more };
  if (columns === null) return merged;
  const questions = mergeQuestions(questionsIn(known, columns), questionsIn(more, columns));
  return { ...merged, ...questionFields(columns, questions) };
}

/** The questions in the fields of a sample. */
export function questionsIn(
  fields: SampleRecord['fields'],
  { question, answer }: QuestionColumns,
): readonly Question[] {
  const valueOf = (name: string): FieldValue | null => (Object.hasOwn(fields, name) ? (fields[name] ?? null) : null);
  return pairQuestions(valueOf(question), valueOf(answer));
}

/** The two columns of the questions; null where one of the roles is not held. */
export function questionColumns(columns: readonly Column[]): QuestionColumns | null {
  const question = columns.find(({ role }) => role === 'question')?.name;
  const answer = columns.find(({ role }) => role === 'answer')?.name;
  return question === undefined || answer === undefined ? null : { question, answer };
}
