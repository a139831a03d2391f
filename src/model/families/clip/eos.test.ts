import { expect, test } from 'vitest';
import { endOfTextIndices } from './eos';

test('the first end-of-text token stands for the caption', () => {
  const ids = new Int32Array([49406, 5, 49407, 49407, 49406, 49407, 7, 49407]);
  expect([...endOfTextIndices(49407, ids, 4)]).toEqual([2, 1]);
});

test('configurations with end-of-text id 2 take the first highest id', () => {
  const ids = new Int32Array([49406, 2, 49407, 49407, 3, 9, 2, 9]);
  expect([...endOfTextIndices(2, ids, 4)]).toEqual([2, 1]);
});

test('a caption without the token pools its start', () => {
  expect([...endOfTextIndices(49407, new Int32Array([49406, 5, 6]), 3)]).toEqual([0]);
});
