import { expect, it } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import { columnContents } from './columnContents';

const images = [
  sampleRecord('a', { captions: ['a boot', 'the boot'], fields: { kind: 'boot', about: 'x'.repeat(80) } }),
  sampleRecord('b', { captions: ['a shoe'], fields: { kind: 'shoe', size: 7 } }),
  sampleRecord('c', { captions: [], fields: { kind: 'boot', size: 7 } }),
];

it('shows a few different values and counts them', () => {
  expect(columnContents({ name: 'kind', role: 'label' }, images)).toEqual({
    examples: ['boot', 'shoe'],
    different: 2,
    filled: 3,
  });
  expect(columnContents({ name: 'size', role: 'none' }, images)).toEqual({ examples: ['7'], different: 1, filled: 2 });
  expect(columnContents({ name: 'about', role: 'none' }, images).examples).toEqual([`${'x'.repeat(60)}…`]);
  expect(columnContents({ name: 'gone', role: 'none' }, images)).toEqual({ examples: [], different: 0, filled: 0 });
});

it('knows pictures, captions and splits', () => {
  expect(columnContents({ name: 'picture', role: 'image' }, images).examples).toEqual(['a.png', 'b.png', 'c.png']);
  expect(columnContents({ name: 'text', role: 'caption' }, images)).toEqual({
    examples: ['a boot', 'the boot', 'a shoe'],
    different: 3,
    filled: 2,
  });
  expect(columnContents({ name: 'split', role: 'split' }, images).examples).toEqual(['train']);
});
