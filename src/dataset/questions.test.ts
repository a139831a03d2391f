import { describe, expect, it } from 'vitest';
import { labelOf, labelsOf, numberIn, questionsOf } from './columns';
import { gatherQuestions, mergeFields, mergeQuestions, pairQuestions } from './questions';
import { sampleRecord } from './testing/records';

const asked = (question: string, ...answers: readonly string[]) => ({ question, answers });

describe('questions and answers', () => {
  it.each([
    ['one of each', 'red?', 'yes', [asked('red?', 'yes')]],
    ['several answers to one question', 'red?', ['yes', 'no', 'yes'], [asked('red?', 'yes', 'no', 'yes')]],
    ['row by row', ['red?', 'big?'], ['yes', ''], [asked('red?', 'yes'), asked('big?')]],
    ['as they are stored', ['red?', 'big?'], [['yes', 'no'], []], [asked('red?', 'yes', 'no'), asked('big?')]],
    ['one answer to all', ['red?', 'big?'], 'yes', [asked('red?', 'yes'), asked('big?', 'yes')]],
    ['one question, list by list', 'red?', [['yes'], ['no', 'yes']], [asked('red?', 'yes', 'no', 'yes')]],
    [
      'a question in several rows',
      ['red?', 'big?', 'red?'],
      ['yes', 'no', 'maybe'],
      [asked('red?', 'yes', 'maybe'), asked('big?', 'no')],
    ],
    ['a number', 'how many?', 3, [asked('how many?', '3')]],
    ['more questions than answers', ['a?', 'b?', 'c?'], ['x', 'y'], [asked('a?', 'x'), asked('b?', 'y'), asked('c?')]],
    ['nothing asked', ['', ' '], ['x', 'y'], []],
    ['nothing at all', null, null, []],
    ['no answers', ['a?'], null, [asked('a?')]],
  ])('are paired: %s', (_, questions, answers, pairs) => {
    expect(pairQuestions(questions, answers)).toEqual(pairs);
  });

  it('of several rows have the answers of all', () => {
    expect(gatherQuestions([[asked('a?', 'x')], [asked('b?')], [asked('a?', 'x', 'y')]])).toEqual([
      asked('a?', 'x', 'x', 'y'),
      asked('b?'),
    ]);
  });

  it('of another source are added, and those read again are not', () => {
    const known = [asked('a?', 'x', 'x', 'y'), asked('b?')];
    expect(mergeQuestions(known, known)).toEqual(known);
    const merged = mergeQuestions(known, [asked('c?', 'z'), asked('a?', 'y', 'y', 'w'), asked('b?', 'v')]);
    expect(merged).toEqual([asked('a?', 'x', 'x', 'y', 'y', 'w'), asked('b?', 'v'), asked('c?', 'z')]);
    expect(mergeQuestions(merged, known)).toEqual(merged);
  });

  it('add up where other fields are replaced', () => {
    const names = { question: 'q', answer: 'a' };
    const known = { q: 'red?', a: 'yes', kind: 'box' };
    const more = { q: ['big?'], a: [['no']], kind: 'bag', size: 3 };
    expect(mergeFields(known, more, 'known', names)).toEqual({
      q: ['red?', 'big?'],
      a: [['yes'], ['no']],
      kind: 'box',
      size: 3,
    });
    expect(mergeFields(known, more, 'more', names)).toMatchObject({ q: ['red?', 'big?'], kind: 'bag' });
    expect(mergeFields(known, { size: 3 }, 'more', null)).toEqual({ ...known, size: 3 });
    expect(mergeFields({}, { size: 3 }, 'more', names)).toEqual({ size: 3 });
  });
});

it('reads samples by the roles of columns', () => {
  const columns = (['label', 'number', 'question', 'answer'] as const).map((role) => ({ name: `the ${role}`, role }));
  const dataset = { columns };
  const sample = sampleRecord('a', {
    fields: {
      'the label': ['cat', ' dog ', 'cat'],
      'the number': ' 2.5',
      'the question': 'red?',
      'the answer': ['yes'],
    },
  });
  expect(labelsOf(dataset, sample)).toEqual(['cat', 'dog']);
  expect(labelOf(dataset, sample)).toBeNull();
  expect(labelOf(dataset, sampleRecord('b', { fields: { 'the label': [' cat', 'cat'] } }))).toBe('cat');
  expect(numberIn(sample, columns[1]!)).toBe(2.5);
  expect(questionsOf(dataset, sample)).toEqual([asked('red?', 'yes')]);
  const none = sampleRecord('c', { fields: { 'the number': 'many' } });
  expect([labelsOf(dataset, none), numberIn(none, columns[1]!), questionsOf(dataset, none)]).toEqual([[], null, []]);
  expect(questionsOf({ columns: [] }, sample)).toEqual([]);
});
