import { expect, it } from 'vitest';
import { isTaught, lessonsIn } from './taught';
import { sampleRecord } from './testing/records';

const dataset = {
  columns: [
    { name: 'kind', role: 'label' },
    { name: 'price', role: 'number' },
    { name: 'size', role: 'number' },
    { name: 'asked', role: 'question' },
    { name: 'right', role: 'answer' },
  ],
} as const;

const counts = (part: Parameters<typeof sampleRecord>[1]) => {
  const sample = sampleRecord('a', part);
  return [
    ...(['captions', 'labels', 'numbers', 'questions'] as const).map((by) => lessonsIn(dataset, sample, by)),
    isTaught(dataset, sample),
  ];
};

it('counts what there is to learn of a sample', () => {
  expect(counts({ captions: ['x', 'y'], fields: {} })).toEqual([2, 0, 0, 0, true]);
  expect(counts({ captions: [], fields: { kind: ['boot', 'shoe'] } })).toEqual([0, 1, 0, 0, true]);
  expect(counts({ captions: [], fields: { price: 'cheap', size: '4' } })).toEqual([0, 0, 1, 0, true]);
  expect(
    counts({ captions: [], fields: { asked: ['red?', 'big?', 'old?'], right: [['Yes', 'yes ', 'no'], ['no'], []] } }),
  ).toEqual([0, 0, 0, 3, true]);
  expect(counts({ captions: [], fields: { asked: ['red?'], right: [[]], price: 'cheap', kind: ' ' } })).toEqual([
    0,
    0,
    0,
    0,
    false,
  ]);
});
