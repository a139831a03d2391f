import { describe, expect, it } from 'vitest';
import { readDataset } from '../listing';
import { seededRandom } from './drawing';
import { questionFiles } from './question-files';
import { askTwice, questionKinds, randomThings, type PlacedThing, type Question } from './questions';
import { otherWords, plainWords } from './vocabularies';

const vocabularies = { plainWords, otherWords };

/** Scenes with their questions, as the sample makes them. */
function scenes(vocabulary = otherWords, count = 800, seed = 1) {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const things = randomThings(vocabulary, random);
    return { things, asked: askTwice(things, vocabulary, random) };
  });
}

/** The thing that a word of the question names, in the order of the question. */
function namedThings({ question }: Question, things: readonly PlacedThing[], vocabulary = otherWords): PlacedThing[] {
  return question
    .replaceAll(/[?,:]/g, '')
    .split(' ')
    .flatMap((word) => things.find(({ form }) => vocabulary.forms[form]!.one === word) ?? []);
}

/** The most frequent answer for each key of the questions. */
function commonAnswers(questions: readonly Question[], keyOf: (question: Question) => string): Map<string, string> {
  const counts = new Map<string, Map<string, number>>();
  for (const question of questions) {
    const answers = counts.get(keyOf(question)) ?? new Map<string, number>();
    answers.set(question.answer, (answers.get(question.answer) ?? 0) + 1);
    counts.set(keyOf(question), answers);
  }
  return new Map([...counts].map(([key, answers]) => [key, [...answers].sort((a, b) => b[1] - a[1])[0]![0]]));
}

describe('questions about shapes', () => {
  it('are the same for the same seed, and others for another', async () => {
    const read = async (seed: number) => Promise.all(questionFiles({ count: 4, seed }).map((file) => file.read()));
    expect(await read(1)).toEqual(await read(1));
    expect(await read(1)).not.toEqual(await read(2));
  });

  it('stand in metadata.jsonl as lists, the accepted answers aligned with the questions', async () => {
    const [metadata, ...pictures] = questionFiles({ count: 3 });
    const lines = new TextDecoder()
      .decode(await metadata!.read())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { file_name: string; question: string[]; answer: string[][] });
    expect(lines.map((line) => line.file_name)).toEqual(pictures.map(({ path }) => path));
    for (const { question, answer } of lines) {
      expect(question.length).toBeGreaterThanOrEqual(questionKinds.length);
      expect(new Set(question).size).toBe(question.length);
      expect(answer.map((accepted) => accepted.length)).toEqual(question.map(() => 1));
      expect(Math.max(...answer.flat().map((words) => words.split(' ').length))).toBeLessThanOrEqual(2);
    }
  });

  it('are read by an import as questions with their answers', async () => {
    const { columns, pictures } = await readDataset(questionFiles({ count: 3 }));
    expect(columns).toEqual([
      { name: 'question', role: 'question' },
      { name: 'answer', role: 'answer' },
    ]);
    const [first] = pictures;
    expect(first!.fields['question']).not.toHaveLength(0);
    expect(first!.fields['answer']).toHaveLength((first!.fields['question'] as string[]).length);
  });

  it.each(Object.entries(vocabularies))('have answers that the picture shows (%s)', (_, vocabulary) => {
    for (const { things, asked } of scenes(vocabulary, 300)) {
      expect(new Set(things.map(({ cell }) => cell)).size).toBe(things.length);
      for (const question of asked) {
        const [first, second] = namedThings(question, things, vocabulary);
        switch (question.kind) {
          case 'colour':
            expect(question.answer).toBe(first!.colour);
            break;
          case 'place':
            expect(question.answer).toBe(vocabulary.places[first!.cell]);
            break;
          case 'size':
            expect(first!.large).not.toBe(second!.large);
            expect(question.answer).toBe(vocabulary.forms[(first!.large ? first! : second!).form]!.one);
            break;
          case 'count': {
            const form = vocabulary.forms.findIndex(({ many }) => question.question.split(/[ ?]/).includes(many));
            const count = things.filter((thing) => thing.form === form).length;
            expect(question.answer).toBe(vocabulary.numbers[count - 1]);
            break;
          }
          case 'larger':
            expect(question.answer).toBe(first!.large ? 'yes' : 'no');
            break;
        }
      }
    }
  });

  it('ask about one thing only where one has the name', () => {
    for (const { things, asked } of scenes()) {
      for (const question of asked.filter(({ kind }) => kind !== 'count')) {
        for (const { form } of namedThings(question, things)) {
          expect(things.filter((thing) => thing.form === form)).toHaveLength(1);
        }
      }
    }
  });

  it('cannot be answered without the picture: guessing from the question alone is right in less than a third', () => {
    const all = scenes().flatMap(({ asked }) => asked);
    const [seen, unseen] = [all.slice(0, all.length / 2), all.slice(all.length / 2)];
    const byText = commonAnswers(seen, ({ question }) => question);
    const byKind = commonAnswers(seen, ({ kind }) => kind);
    const guess = ({ question, kind }: Question) => byText.get(question) ?? byKind.get(kind);
    const share = unseen.filter((question) => guess(question) === question.answer).length / unseen.length;
    expect(share).toBeLessThan(1 / 3);
    const polar = all.filter(({ kind }) => kind === 'larger');
    const yes = polar.filter(({ answer }) => answer === 'yes').length / polar.length;
    expect(Math.abs(yes - 0.5)).toBeLessThan(0.06);
  });

  it('share no form and no colour between the vocabularies', () => {
    const wordsOf = ({ forms, colours }: typeof plainWords) => [
      ...forms.flatMap(({ one, many }) => [one, many]),
      ...Object.keys(colours),
    ];
    const plain = new Set(wordsOf(plainWords));
    expect(wordsOf(otherWords).filter((word) => plain.has(word))).toEqual([]);
  });
});
