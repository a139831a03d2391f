import { describe, expect, it } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import type { FieldValue, SampleRecord } from '../../dataset/types';
import { answerDistribution, labelDistribution, numberDistributions } from './distributions';

const dataset = {
  columns: [
    { name: 'kind', role: 'label' },
    { name: 'price', role: 'number' },
    { name: 'asked', role: 'question' },
    { name: 'right', role: 'answer' },
  ],
} as const;

const samples = (name: string, values: readonly FieldValue[]): readonly SampleRecord[] =>
  values.map((value, i) => sampleRecord(`${i}`, { id: `${i}`, fields: { [name]: value } }));
const times = <Value>(value: Value, count: number): readonly Value[] => Array.from({ length: count }, () => value);

describe('labels', () => {
  it('are counted, the most frequent first, each label of a sample once', () => {
    const found = labelDistribution(dataset, samples('kind', ['b', 'a', ['a', 'c'], 'a ', ['a', 'a']]));
    expect(found?.bars.map(({ label, count }) => [label, count])).toEqual([
      ['a', 4],
      ['b', 1],
      ['c', 1],
    ]);
    expect([...(found?.bars[0]?.images ?? [])]).toEqual(['1', '2', '3', '4']);
    expect(found?.rare.size).toBe(0);
  });

  it('are rare below a tenth of the most frequent one', () => {
    const images = samples('kind', [...times('often', 31), ...times('seldom', 3), ...times('enough', 4)]);
    expect([...(labelDistribution(dataset, images)?.rare ?? [])]).toEqual(['31', '32', '33']);
  });

  it('are not told of where each comes once, or there is no column', () => {
    expect(labelDistribution(dataset, samples('kind', ['a', 'b']))).toBeNull();
    expect(labelDistribution({ columns: [] }, samples('kind', ['a', 'a']))).toBeNull();
  });
});

describe('numbers', () => {
  const of = (...values: FieldValue[]) => numberDistributions(dataset, samples('price', values))[0];
  const bars = (...values: FieldValue[]) => of(...values)?.bars.map(({ label, count }) => [label, count]);

  it('that are few whole ones have a bar each, those between that do not come included', () => {
    expect(bars(1, 2, 2, 4)).toEqual([
      ['1', 1],
      ['2', 2],
      ['3', 0],
      ['4', 1],
    ]);
  });

  it('lie in bars of equal, round width, each in one', () => {
    const values = Array.from({ length: 100 }, (_, i) => i / 10);
    const found = bars(...values) ?? [];
    expect(found.map(([label]) => label)).toEqual(Array.from({ length: 10 }, (_, i) => `${i} to ${i + 1}`));
    expect(found.every(([, count]) => count === 10)).toBe(true);
    expect(bars(...Array.from({ length: 1000 }, (_, i) => i))?.[0]).toEqual(['0 to 99', 100]);
    expect(bars(-0.5, 0.5, 1e6)?.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(3);
  });

  it('are told by their ends and their middle, whatever is no number left out', () => {
    expect(of(3, '1.5', 'many', 2, 8)).toMatchObject({ least: 1.5, median: 2.5, most: 8, count: 4 });
    expect(of(7, 7)?.bars).toMatchObject([{ label: '7', count: 2 }]);
    expect(of('many')).toBeUndefined();
  });
});

describe('answers', () => {
  const asked = (id: string, questions: string[], answers: string[][]): SampleRecord =>
    sampleRecord(id, { id, fields: { asked: questions, right: answers } });

  it('are counted by kind, and equal ones together', () => {
    const found = answerDistribution(dataset, [
      asked('x', ['Is it red?', 'How many?'], [['Yes', 'yes', 'no'], ['two']]),
      asked('y', ['How many?', 'What is it?', 'Where?'], [['12'], ['A big dog'], []]),
    ]);
    expect(found).toMatchObject({ questions: 5, unanswered: 1, answers: 6, different: 5 });
    expect(found?.bars[0]).toMatchObject({ label: 'Yes', count: 2 });
    expect(Object.fromEntries(found?.kinds ?? [])).toEqual({ 'yes or no': 3, 'a number': 2, 'other words': 1 });
  });

  it('are not told of where there are none', () => {
    expect(answerDistribution(dataset, [asked('x', ['Is it red?'], [[]])])).toBeNull();
  });
});
