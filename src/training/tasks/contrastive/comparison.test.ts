import { expect, test } from 'vitest';
import { excludesZero, type Interval } from '../../../tasks/metrics';
import { changeIntervals } from './comparison';
import { createRandom, type Random } from '../../random';

const ranksOf = (random: Random, count: number): Int32Array =>
  Int32Array.from({ length: count }, () => 1 + Math.floor(20 * random() ** 3));

function resultsOf(random: Random, captionsOf: readonly (readonly number[])[], captions: number) {
  const pairs = captionsOf.reduce((sum, own) => sum + own.length, 0);
  return {
    ranks: { imageToText: ranksOf(random, captionsOf.length), textToImage: ranksOf(random, captions) },
    losses: Float64Array.from({ length: pairs }, () => 1 + random()),
  };
}

test('every metric has an interval that lies around its difference', async () => {
  const random = createRandom(4);
  const captionsOf = Array.from({ length: 150 }, (_, i) => (i % 10 === 0 ? [i, i + 1] : [i]));
  const before = resultsOf(random, captionsOf, 151);
  const after = resultsOf(random, captionsOf, 151);
  const change = await changeIntervals(captionsOf, before, after);
  if (change === null) throw new Error('150 pictures are enough.');
  const mean = (values: Iterable<number>): number => {
    const all = [...values];
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  const recall = (ranks: Int32Array): number => mean([...ranks].map((rank) => (rank === 1 ? 1 : 0)));
  const within = (name: string, value: number): void => {
    const { low, high } = change.intervals[name] as Interval;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  };
  const images = recall(after.ranks.imageToText) - recall(before.ranks.imageToText);
  const captions = recall(after.ranks.textToImage) - recall(before.ranks.textToImage);
  within('imageToText.recallAt1', images);
  within('accuracy', images);
  within('textToImage.recallAt1', captions);
  within('recall@1', (images + captions) / 2);
  within('textToImage.meanRank', mean(after.ranks.textToImage) - mean(before.ranks.textToImage));
  within('loss', mean(after.losses) - mean(before.losses));
  expect(change.groups).toBeLessThan(151);
});

test('two models that differ by chance alone are seldom called different', async () => {
  const random = createRandom(9);
  const captionsOf = Array.from({ length: 100 }, (_, i) => [i]);
  const rounds = 60;
  let called = 0;
  let looked = 0;
  for (let round = 0; round < rounds; round++) {
    const [before, after] = [resultsOf(random, captionsOf, 100), resultsOf(random, captionsOf, 100)];
    const change = await changeIntervals(captionsOf, before, after);
    if (change === null) throw new Error('100 pictures are enough.');
    const all = Object.values(change.intervals);
    looked += all.length;
    called += all.filter(excludesZero).length;
  }
  expect(called / looked).toBeLessThan(0.06);
});

test('the work can be ended', async () => {
  const captionsOf = Array.from({ length: 10 }, (_, i) => [i]);
  const results = resultsOf(createRandom(1), captionsOf, 10);
  await expect(
    changeIntervals(captionsOf, results, results, () => Promise.reject(new Error('enough'))),
  ).rejects.toThrow('enough');
});
