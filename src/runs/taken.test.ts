import { expect, test } from 'vitest';
import { flopsText, takenBy } from './taken';

const plan = { stepsPerEpoch: 4, batchSize: 3, microBatches: 1, evaluateEvery: 4 };

test('whole epochs take all samples, and parts of one about as many as they are long', () => {
  const work = { samplesPerEpoch: 10, flopsPerStep: 2e9 };
  const run = { work, plan, createdAt: 1000, endedAt: 61_000 };
  expect(takenBy({ ...run, stepsDone: 8 })).toEqual({ samples: 20, flops: 16e9, wallSeconds: 60 });
  expect(takenBy({ ...run, stepsDone: 9, endedAt: null })).toEqual({ samples: 23, flops: 18e9, wallSeconds: null });
});

test('runs of before tell nothing of it', () => {
  expect(takenBy({ work: null, plan, stepsDone: 8, createdAt: 0, endedAt: 5000 })).toEqual({
    samples: null,
    flops: null,
    wallSeconds: 5,
  });
});

test.each([
  [null, '–'],
  [0, '0 FLOP'],
  [1234, '1.23 kFLOP'],
  [3.4567e13, '34.6 TFLOP'],
  [2e21, '2000 EFLOP'],
])('%s is shown as %s', (flops, text) => {
  expect(flopsText(flops)).toBe(text);
});
