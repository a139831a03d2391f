import { describe, expect, test } from 'vitest';
import { epochBatches, planBatches, type PairKeys } from './sampler';

const distinct = (count: number): PairKeys[] => Array.from({ length: count }, (_, i) => ({ imageKey: i, textKey: i }));

function clashes(pairs: readonly PairKeys[], batch: readonly number[]): number {
  const images = new Set(batch.map((index) => pairs[index]?.imageKey));
  const texts = new Set(batch.map((index) => pairs[index]?.textKey));
  return 2 * batch.length - images.size - texts.size;
}

describe('planBatches', () => {
  test('asks for as many batches as the wanted size does and spreads the pairs evenly', () => {
    expect(planBatches(640, 64)).toEqual({ stepsPerEpoch: 10, batchSize: 64 });
    expect(planBatches(600, 64)).toEqual({ stepsPerEpoch: 10, batchSize: 60 });
    expect(planBatches(33, 32)).toEqual({ stepsPerEpoch: 2, batchSize: 17 });
  });

  test('shrinks the batch to the data', () => {
    expect(planBatches(12, 64)).toEqual({ stepsPerEpoch: 1, batchSize: 12 });
  });
});

describe('epochBatches', () => {
  test('takes every pair exactly once, in batches that differ by one at most', () => {
    const pairs = distinct(101);
    const plan = planBatches(101, 16);
    const batches = epochBatches(pairs, plan, 7, 0);
    expect(batches).toHaveLength(plan.stepsPerEpoch);
    expect(batches.flat().toSorted((a, b) => a - b)).toEqual(pairs.map((_, i) => i));
    const sizes = batches.map((batch) => batch.length);
    expect(Math.max(...sizes)).toBe(plan.batchSize);
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
  });

  test('depends on seed and epoch and nothing else', () => {
    const pairs = distinct(50);
    const plan = planBatches(50, 8);
    expect(epochBatches(pairs, plan, 1, 3)).toEqual(epochBatches(pairs, plan, 1, 3));
    expect(epochBatches(pairs, plan, 1, 3)).not.toEqual(epochBatches(pairs, plan, 1, 4));
    expect(epochBatches(pairs, plan, 1, 3)).not.toEqual(epochBatches(pairs, plan, 2, 3));
  });

  test('keeps equal captions and pictures apart where there are enough others', () => {
    // 60 pictures with two captions each; every caption of the second kind is shared by two pictures.
    const pairs = Array.from({ length: 60 }, (_, i): PairKeys[] => [
      { imageKey: i, textKey: i },
      { imageKey: i, textKey: 100 + (i >> 1) },
    ]).flat();
    const batches = epochBatches(pairs, planBatches(pairs.length, 12), 5, 0);
    const total = batches.reduce((sum, batch) => sum + clashes(pairs, batch), 0);
    expect(total).toBeLessThanOrEqual(2);
  });

  test('fills batches even if all captions are the same', () => {
    const pairs = Array.from({ length: 20 }, (_, i) => ({ imageKey: i, textKey: 0 }));
    const batches = epochBatches(pairs, planBatches(20, 8), 1, 0);
    expect(batches.map((batch) => batch.length).toSorted()).toEqual([6, 7, 7]);
  });
});
