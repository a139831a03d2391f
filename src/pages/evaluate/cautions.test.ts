import { expect, test } from 'vitest';
import type { EvaluationReport } from '../../protocol/protocol';
import { metricsOf } from '../../training/testing/fakes';
import { cautions } from './cautions';

const guess = { recallAt1: 0.01, meanRank: 50.5 };
const base = {
  ...metricsOf(0.3),
  gallery: 120,
  captions: 100,
  guess: { imageToText: guess, textToImage: guess },
};
const report: EvaluationReport = {
  split: 'test',
  dataChanged: false,
  base,
  tuned: null,
  change: null,
  trained: { captions: 0, pictures: 0 },
  shared: { captions: 0, most: 1 },
  mistakes: [],
};

test('a sound report needs none', () => {
  expect(cautions(report)).toEqual([]);
});

test('captions that were trained on are counted, but not on the training pictures themselves', () => {
  const seen = { ...report, trained: { captions: 12, pictures: 36 } };
  expect(cautions(seen)[0]?.title).toBe('36 of 120 test pictures carry captions that training pictures carry too.');
  expect(cautions({ ...seen, trained: { captions: 100, pictures: 120 } })[0]?.title).toContain(
    'All of 120 test pictures',
  );
  expect(cautions({ ...seen, split: 'train' })).toEqual([]);
});

test('a base model near chance is named as such', () => {
  const poor = { ...report, base: { ...base, imageToText: { ...base.imageToText, meanRank: 45 } } };
  expect(cautions(poor).map(({ id }) => id)).toEqual(['near-chance']);
});
