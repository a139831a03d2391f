import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineError, type Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { noise } from '../../../engine/ops/linear/testing';
import { DeviceLock } from '../../device-lock';
import { retrievalRanks, type RetrievalSet } from './retrieval';
import { engineRanks, isWorthEngine } from './similarity';

let executor: Executor;
beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
});
afterAll(() => executor.dispose());

const device = (): { executor: Executor; lock: DeviceLock } => ({ executor, lock: new DeviceLock() });

/** More pictures and captions than a tile takes; captions belong to up to three pictures that lie far apart. */
function largeSet(): RetrievalSet {
  const [imageCount, captionCount, width] = [1100, 2100, 4];
  const captionsOf = Array.from({ length: imageCount }, (_, image) => [
    image,
    captionCount - 1 - image,
    ...(image % 5 === 0 ? [7, 7] : []),
  ]);
  return { images: noise(imageCount * width, 1), captions: noise(captionCount * width, 2), width, captionsOf };
}

describe('engineRanks', () => {
  test('gives the ranks of retrievalRanks across tiles', async () => {
    const set = largeSet();
    const [found, expected] = [await engineRanks(device(), set), await retrievalRanks(set)];
    // float32 scores may order what differs in the eighth digit otherwise.
    const near = (ranks: Int32Array, others: Int32Array): number =>
      Math.max(...ranks.map((rank, index) => Math.abs(rank - (others[index] ?? NaN))));
    expect(near(found.imageToText.best, expected.imageToText.best)).toBeLessThanOrEqual(1);
    expect(near(found.textToImage.best, expected.textToImage.best)).toBeLessThanOrEqual(1);
    expect(found.imageToText.best).toHaveLength(1100);
    const apart = (a: Float64Array, b: Float64Array): number =>
      Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
    // A rank of 1 or 2 is a precision of 1 or ½; over all queries such cases are few.
    const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
    for (const direction of ['imageToText', 'textToImage'] as const) {
      expect(mean(found[direction].averagePrecision)).toBeCloseTo(mean(expected[direction].averagePrecision), 4);
      expect(apart(found[direction].ndcgAt10, expected[direction].ndcgAt10)).toBeLessThan(0.5);
    }
    expect(found.firstCaption).toEqual(expected.firstCaption);
    expect(found.textToImage.best).toHaveLength(2100);
  });

  test('counts ties against the model, across tiles too', async () => {
    const width = 24;
    const one = noise(width, 3);
    const collapsed = (count: number): Float32Array =>
      Float32Array.from({ length: count * width }, (_, i) => one[i % width] ?? 0);
    const captionsOf = Array.from({ length: 1030 }, (_, image) => [image]);
    const set = { images: collapsed(1030), captions: collapsed(1030), width, captionsOf };
    const { imageToText, textToImage } = await engineRanks(device(), set);
    expect([...new Set([...imageToText.best, ...textToImage.best])]).toEqual([1030]);
  });

  test('lets messages in between tiles, ends when told to, and then holds nothing', async () => {
    const before = executor.memory();
    let pauses = 0;
    await engineRanks(device(), largeSet(), () => Promise.resolve(void pauses++));
    expect(pauses).toBeGreaterThanOrEqual(4);
    await expect(engineRanks(device(), largeSet(), () => Promise.reject(new Error('enough')))).rejects.toThrow(
      'enough',
    );
    expect({ ...executor.memory(), peak: 0 }).toEqual({ ...before, peak: 0 });
  });

  test('refuses scores that are no numbers', async () => {
    const set = { images: new Float32Array([NaN, 0]), captions: new Float32Array([1, 0]), width: 2, captionsOf: [[0]] };
    await expect(engineRanks(device(), set)).rejects.toThrow(EngineError);
  });

  test('is for large sets', () => {
    const set = (count: number): RetrievalSet => ({
      images: new Float32Array(count * 512),
      captions: new Float32Array(count * 512),
      width: 512,
      captionsOf: [],
    });
    expect(isWorthEngine(set(100))).toBe(false);
    expect(isWorthEngine(set(2000))).toBe(true);
  });
});
