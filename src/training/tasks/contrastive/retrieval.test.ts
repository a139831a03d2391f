import { describe, expect, test } from 'vitest';
import { averagePrecisionAt, ndcg } from '../../../metrics/retrieval';
import { createRandom } from '../../random';
import { directionMetrics, guessing, guessMetrics, nearest, retrievalRanks } from './retrieval';
import { ranksOfSingles } from './testing';

/** Unit vectors at the given angles, in degrees. */
const at = (...degrees: readonly number[]): Float32Array =>
  Float32Array.from(degrees.flatMap((angle) => [Math.cos((angle * Math.PI) / 180), Math.sin((angle * Math.PI) / 180)]));

describe('retrievalRanks', () => {
  test('ranks the best right answer among the wrong ones, both ways', async () => {
    // The pictures at 0° and 50° carry one caption each, at 5° and 20°: the second picture prefers its own, the second caption the first picture.
    const ranks = await retrievalRanks({ images: at(0, 50), captions: at(5, 20), width: 2, captionsOf: [[0], [1]] });
    expect([...ranks.imageToText.best]).toEqual([1, 1]);
    expect([...ranks.textToImage.best]).toEqual([1, 2]);
  });

  test('any caption of a picture and any picture of a caption is right', async () => {
    // Pictures 0 and 1 share caption 0, picture 0 carries caption 1 as well.
    const set = { images: at(0, 90), captions: at(80, 1, 45), width: 2, captionsOf: [[0, 1], [0]] };
    const ranks = await retrievalRanks({
      ...set,
      captionsOf: [
        [0, 1],
        [0, 2],
      ],
    });
    expect([...ranks.imageToText.best]).toEqual([1, 1]);
    expect([...ranks.textToImage.best]).toEqual([1, 1, 2]);
  });

  test('ties count against the model', async () => {
    const ranks = await retrievalRanks({
      images: at(10, 10, 10),
      captions: at(10, 10, 10),
      width: 2,
      captionsOf: [[0], [1], [2]],
    });
    expect([...ranks.imageToText.best]).toEqual([3, 3, 3]);
    expect([...ranks.textToImage.best]).toEqual([3, 3, 3]);
  });

  test('agrees with sorting, over several tiles', async () => {
    const random = createRandom(3);
    const [count, width] = [300, 7];
    const rows = (): Float32Array => Float32Array.from({ length: count * width }, () => random() - 0.5);
    const [images, captions] = [rows(), rows()];
    const captionsOf = Array.from({ length: count }, (_, i) => [i]);
    const ranks = await retrievalRanks({ images, captions, width, captionsOf });
    for (const probe of [0, 127, 128, 299]) {
      const order = nearest(captions, images.subarray(probe * width, (probe + 1) * width), count);
      expect(ranks.imageToText.best[probe]).toBe(order.findIndex(({ index }) => index === probe) + 1);
      const back = nearest(images, captions.subarray(probe * width, (probe + 1) * width), count);
      expect(ranks.textToImage.best[probe]).toBe(back.findIndex(({ index }) => index === probe) + 1);
    }
  });

  test('ranks every right answer among all, as sorting with the wrong ones first among equals does', async () => {
    const random = createRandom(12);
    // Features of few values, so that many scores are equal; captions on up to fifteen pictures.
    const feature = (rows: number): Float32Array =>
      Float32Array.from({ length: rows * 2 }, () => Math.floor(3 * random()));
    const [images, captions] = [feature(60), feature(9)];
    const captionsOf = Array.from({ length: 60 }, (_, i) => (i % 4 === 0 ? [i % 9, (i + 4) % 9, i % 9] : [i % 9]));
    const ranks = await retrievalRanks({ images, captions, width: 2, captionsOf });
    const placesOf = (answers: number, score: (answer: number) => number, right: (answer: number) => boolean) =>
      Array.from({ length: answers }, (_, answer) => ({ score: score(answer), right: right(answer) }))
        .sort((a, b) => b.score - a.score || Number(a.right) - Number(b.right))
        .flatMap(({ right: isRight }, index) => (isRight ? [index + 1] : []));
    const score = (image: number, caption: number): number =>
      images[2 * image]! * captions[2 * caption]! + images[2 * image + 1]! * captions[2 * caption + 1]!;
    captionsOf.forEach((own, image) => {
      const places = placesOf(
        9,
        (caption) => score(image, caption),
        (caption) => own.includes(caption),
      );
      expect(ranks.imageToText.best[image]).toBe(places[0]);
      expect(ranks.imageToText.averagePrecision[image]).toBeCloseTo(averagePrecisionAt(places), 12);
    });
    for (let caption = 0; caption < 9; caption++) {
      const places = placesOf(
        60,
        (image) => score(image, caption),
        (image) => captionsOf[image]!.includes(caption),
      );
      expect(ranks.textToImage.best[caption]).toBe(places[0]);
      expect(ranks.textToImage.averagePrecision[caption]).toBeCloseTo(averagePrecisionAt(places), 12);
      expect(ranks.textToImage.ndcgAt10[caption]).toBeCloseTo(ndcg(places, 10), 12);
    }
  });

  test('can be cancelled between tiles', async () => {
    const set = { images: at(0), captions: at(0), width: 2, captionsOf: [[0]] };
    await expect(retrievalRanks(set, () => Promise.reject(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('directionMetrics', () => {
  test('recall, mean and median', () => {
    expect(directionMetrics(ranksOfSingles([1, 2, 6, 11]))).toEqual({
      recallAt1: 0.25,
      recallAt5: 0.5,
      recallAt10: 0.75,
      meanRank: 5,
      medianRank: 4,
      meanAveragePrecision: (1 + 1 / 2 + 1 / 6 + 1 / 11) / 4,
      meanReciprocalRank: (1 + 1 / 2 + 1 / 6 + 1 / 11) / 4,
      ndcgAt10: (1 + 1 / Math.log2(3) + 1 / Math.log2(7)) / 4,
    });
    expect(directionMetrics(ranksOfSingles([9, 1, 3])).medianRank).toBe(3);
  });
});

describe('guessing', () => {
  test('is right more often where a caption is on many pictures, among captions as among pictures', () => {
    // Ten pictures of two captions: any caption is right half of the time, and so is any picture.
    const { imageToText, textToImage } = guessing(
      Array.from({ length: 10 }, (_, i) => [i % 2]),
      2,
    );
    expect(guessMetrics(imageToText)).toEqual({ recallAt1: 0.5, meanRank: 1.5 });
    expect(guessMetrics(textToImage)).toEqual({ recallAt1: 0.5, meanRank: 1 + 5 / 6 });
  });

  test('has the mean rank that chance has', async () => {
    const random = createRandom(8);
    const captionsOf = Array.from({ length: 30 }, (_, i) => (i % 3 === 0 ? [i % 20, 20 + (i % 7)] : [i % 20]));
    let total = 0;
    const rounds = 200;
    for (let round = 0; round < rounds; round++) {
      const noise = (rows: number): Float32Array => Float32Array.from({ length: rows * 8 }, () => random() - 0.5);
      const ranks = await retrievalRanks({ images: noise(30), captions: noise(27), width: 8, captionsOf });
      total += directionMetrics(ranks.imageToText).meanRank;
    }
    expect(total / rounds).toBeCloseTo(guessMetrics(guessing(captionsOf, 27).imageToText).meanRank, 0);
  });
});
