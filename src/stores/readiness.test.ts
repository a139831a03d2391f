import { expect, test } from 'vitest';
import { sampleRecord } from '../dataset/testing/records';
import { countSplits } from './readiness';

const dataset = { columns: [] };
const picture = (id: string, captions: string[], split: 'train' | 'test' = 'train') =>
  sampleRecord(id, { captions, split });

test('captions of training pictures are alike where they say the same to a model', () => {
  const alike = [picture('a', ['A red  boot']), picture('b', ['a red boot', 'A RED BOOT'])];
  const counts = (...images: typeof alike) => countSplits(images, dataset, 'captions').captionsAlike;
  expect(counts(...alike)).toBe(true);
  expect(counts(...alike, picture('c', ['a shoe'], 'test'))).toBe(true);
  expect(counts(...alike, picture('c', ['a red boot', 'a shoe']))).toBe(false);
  expect(counts()).toBe(false);
  expect(countSplits(alike, dataset, 'labels').captionsAlike).toBe(false);
});
