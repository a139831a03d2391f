import { expect, test } from 'vitest';
import type { EvaluationReport } from '../../../protocol/evaluation';
import { nothingOfSamples } from '../../../protocol/testing';
import { metricsOf } from '../../../training/testing/fakes';
import { readingAid } from './readingAid';

const interval = { low: -0.5, high: -0.25 };
const base = {
  ...metricsOf(0.3, 1.207),
  pictures: 400,
  captions: 10,
  'guess.imageToText.recallAt1': 0.1,
  'guess.textToImage.recallAt1': 0.25,
  lossPairs: 64,
};
const report: EvaluationReport = {
  task: 'contrastive',
  split: 'test',
  dataChanged: false,
  base,
  tuned: { ...base, loss: 0.833 },
  change: { intervals: { loss: interval }, groups: 10 },
  about: { trainedCaptions: 10, trainedPictures: 400, sharedCaptions: 10, mostShared: 40 },
  details: { mistakes: [] },
  ...nothingOfSamples,
};

test('counts captions where captions are searched or look, and pictures where pictures are', () => {
  const text = readingAid(report).join(' ');
  expect(text).toContain('400 test pictures with 10 distinct captions');
  expect(text).toContain('10 captions are on several pictures, up to 40');
  expect(text).toContain(
    'One caption more or less is 10.0 points of recall from words to pictures, one picture 0.3 points',
  );
  expect(text).toContain('25.0 % from words to pictures and 10.0 % from pictures to words');
});

test('prints the size of a loss with it, and the interval of its change', () => {
  const text = readingAid(report).join(' ');
  expect(text).toContain('over batches of 64 pairs: 1.207 → 0.833 (−0.374, 95 % interval −0.500 to −0.250)');
});

test('says why nothing is judged', () => {
  expect(readingAid({ ...report, change: null }).join(' ')).toContain('too few captions');
  expect(readingAid({ ...report, tuned: null, change: null })).toHaveLength(4);
});
