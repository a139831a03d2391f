import { describe, expect, test } from 'vitest';
import { excludesZero, type Interval } from '../../../tasks/metrics';
import { contrastive } from '../../../tasks/contrastive';
import { changeBetween, resampledNames } from '../compare';
import { everyPlace, partOf } from '../measured';
import { measuredGallery, tiedPictures, type QueryResults } from './measured';
import { directionRanks, type DirectionRanks } from './retrieval';
import { ranksOfSingles, rightPlacesOf } from './testing';
import { createRandom, type Random } from '../../random';

const ranksOf = (random: Random, count: number): DirectionRanks =>
  ranksOfSingles(Array.from({ length: count }, () => 1 + Math.floor(20 * random() ** 3)));

function resultsOf(random: Random, captionsOf: readonly (readonly number[])[], captions: number): QueryResults {
  const pairs = captionsOf.reduce((sum, own) => sum + own.length, 0);
  return {
    captionsOf,
    captions: Array.from({ length: captions }, (_, caption) => `caption ${caption}`),
    ranks: {
      imageToText: ranksOf(random, captionsOf.length),
      textToImage: ranksOf(random, captions),
      firstCaption: Int32Array.from(captionsOf, ([own = 0]) => own),
    },
    losses: Float64Array.from({ length: pairs }, () => 1 + random()),
    comparedPairs: 64,
  };
}

function changeOf(before: QueryResults, after: QueryResults, pause?: () => Promise<void>) {
  return changeBetween(measuredGallery(before), measuredGallery(after), {
    groups: tiedPictures(before.captionsOf, before.captions.length),
    names: resampledNames(contrastive),
    pause,
  });
}

test('every metric has an interval that lies around its difference', async () => {
  const random = createRandom(4);
  const captionsOf = Array.from({ length: 150 }, (_, i) => (i % 10 === 0 ? [i, i + 1] : [i]));
  const before = resultsOf(random, captionsOf, 151);
  const after = resultsOf(random, captionsOf, 151);
  const change = await changeOf(before, after);
  if (change === null) throw new Error('150 pictures are enough.');
  const mean = (values: Iterable<number>): number => {
    const all = [...values];
    return all.reduce((sum, value) => sum + value, 0) / all.length;
  };
  const recall = (ranks: Int32Array): number => mean([...ranks].map((rank) => (rank === 1 ? 1 : 0)));
  const reciprocal = ({ ranks }: QueryResults): number => mean([...ranks.imageToText.best].map((rank) => 1 / rank));
  const within = (name: string, value: number): void => {
    const { low, high } = change.intervals[name] as Interval;
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThan(value);
  };
  const images = recall(after.ranks.imageToText.best) - recall(before.ranks.imageToText.best);
  const captions = recall(after.ranks.textToImage.best) - recall(before.ranks.textToImage.best);
  within('imageToText.recallAt1', images);
  within('accuracy', images);
  within('textToImage.recallAt1', captions);
  within('recall@1', (images + captions) / 2);
  within('textToImage.meanRank', mean(after.ranks.textToImage.best) - mean(before.ranks.textToImage.best));
  within('imageToText.meanReciprocalRank', reciprocal(after) - reciprocal(before));
  within('imageToText.meanAveragePrecision', reciprocal(after) - reciprocal(before));
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
    const change = await changeOf(before, after);
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
  await expect(changeOf(results, results, () => Promise.reject(new Error('enough')))).rejects.toThrow('enough');
});

describe('some of the pictures', () => {
  // Captions 0 and 1 are on one picture, caption 2 is on three.
  const captionsOf = [[0, 1], [2], [2], [2], [3]];
  const results: QueryResults = {
    captionsOf,
    captions: ['a', 'b', 'c', 'd'],
    ranks: {
      imageToText: directionRanks(rightPlacesOf([[1, 4], [3], [1], [2], [4]])),
      textToImage: directionRanks(rightPlacesOf([[1], [5], [2, 3, 5], [1]])),
      firstCaption: Int32Array.of(1, 0, 2, 3, 0),
    },
    losses: Float64Array.of(1, 2, 3, 4, 5, 6),
    comparedPairs: 6,
  };
  const measured = measuredGallery(results);

  test('are measured as if they were asked alone, among all', () => {
    const some = measured.measure([0, 1, 2]);
    expect(some['imageToText.recallAt1']).toBeCloseTo(2 / 3, 12);
    // Captions 0 and 1 once, caption 2 by two of its three pictures.
    expect(some['textToImage.recallAt1']).toBeCloseTo(1 / (2 + 2 / 3), 12);
    expect(some['textToImage.meanRank']).toBeCloseTo((1 + 5 + (2 / 3) * 2) / (2 + 2 / 3), 12);
    expect(some['imageToText.meanAveragePrecision']).toBeCloseTo(((1 + 2 / 4) / 2 + 1 / 3 + 1) / 3, 12);
    expect(some['textToImage.meanReciprocalRank']).toBeCloseTo((1 + 1 / 5 + (2 / 3) * (1 / 2)) / (2 + 2 / 3), 12);
    expect(some['imageToText.ndcgAt10']).toBeCloseTo(
      ((1 + 1 / Math.log2(5)) / (1 + 1 / Math.log2(3)) + 1 / Math.log2(4) + 1) / 3,
      12,
    );
    expect(some).toMatchObject({ pictures: 3, captions: 3, loss: (1 + 2 + 3 + 4) / 4, lossPairs: 6 });
  });

  test('have means that are their measures', () => {
    for (const places of [everyPlace(5), [0, 1, 2], [3, 4]]) {
      const part = partOf(measured, places);
      const metrics = part.measure(everyPlace(places.length));
      for (const [name, means] of Object.entries(part.means)) {
        const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
        const each = means.map(({ sums, counts }) => sum(sums) / sum(counts));
        expect(each.reduce((total, value) => total + value, 0) / each.length, name).toBeCloseTo(metrics[name]!, 12);
      }
    }
  });

  test('have outcomes: what is found first, and where the right answer is', () => {
    expect(measured.outcome(0)).toEqual({ right: true, score: 1, said: 'b' });
    expect(measured.outcome(4)).toEqual({ right: false, score: 1 / 4, said: 'a' });
  });

  test('that share captions or carry several are tied', () => {
    expect([...tiedPictures(captionsOf, 4)]).toEqual([0, 1, 1, 1, 2]);
  });
});
