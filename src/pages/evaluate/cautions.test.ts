import { expect, test } from 'vitest';
import type { EvaluationReport } from '../../protocol/evaluation';
import { nothingOfSamples } from '../../protocol/testing';
import { metricsOf } from '../../training/testing/fakes';
import { cautions } from '../tasks/contrastive/known';
import { nearChance } from './cautions';

const base = { ...metricsOf(0.3), pictures: 120, captions: 100, 'guess.imageToText.meanRank': 50.5 };
const report: EvaluationReport = {
  task: 'contrastive',
  split: 'test',
  dataChanged: false,
  base,
  tuned: null,
  change: null,
  about: { trainedCaptions: 0, trainedPictures: 0, sharedCaptions: 0, mostShared: 1 },
  details: { mistakes: [] },
  ...nothingOfSamples,
};

test('a sound report needs none', () => {
  expect(cautions(report)).toEqual([]);
  expect(nearChance(report)).toBeNull();
});

test('captions that were trained on are counted, but not on the training pictures themselves', () => {
  const seen = { ...report, about: { trainedCaptions: 12, trainedPictures: 36 } };
  expect(cautions(seen)[0]?.title).toBe('36 of 120 test pictures carry captions that training pictures carry too.');
  expect(cautions({ ...seen, about: { trainedCaptions: 100, trainedPictures: 120 } })[0]?.title).toContain(
    'All of 120 test pictures',
  );
  expect(cautions({ ...seen, split: 'train' })).toEqual([]);
});

test('a base model near chance is named as such', () => {
  const poor = { ...report, base: { ...base, 'imageToText.meanRank': 45 } };
  expect(nearChance(poor)?.id).toBe('near-chance');
});
