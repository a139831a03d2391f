import { expect, test } from 'vitest';
import { recipeSchema } from '../../recipe/schema';
import { microBatchRows, planRun, precisionNotes, precisionOf, stepAtShare } from './plan';

test('mixed precision is a wish: where the executor cannot, the run is in float32 and says so', () => {
  const [mixed, plain] = [recipeSchema.parse({ mixedPrecision: true }), recipeSchema.parse({})];
  const [able, unable] = [{ mixedPrecision: true }, { mixedPrecision: false }];
  expect([mixed, plain].map((recipe) => precisionOf(recipe, able))).toEqual(['mixed', 'float32']);
  expect([mixed, plain].map((recipe) => precisionOf(recipe, unable))).toEqual(['float32', 'float32']);
  expect(precisionNotes(mixed, unable).join()).toContain('float32');
  expect([...precisionNotes(mixed, able), ...precisionNotes(plain, unable)]).toEqual([]);
});

test('epochs and steps', () => {
  const epochs = recipeSchema.parse({ durationUnit: 'epochs', epochs: 4, batchSize: 10 });
  expect(planRun(epochs, 100, 5)).toMatchObject({ totalSteps: 40, stepsPerEpoch: 10, evaluateEvery: 2, notes: [] });
  const steps = recipeSchema.parse({ durationUnit: 'steps', steps: 7, batchSize: 10, evaluateEvery: 3 });
  expect(planRun(steps, 100, 5)).toMatchObject({ totalSteps: 7, evaluateEvery: 3 });
});

test('an interval beyond the end is the end', () => {
  const recipe = recipeSchema.parse({ durationUnit: 'steps', steps: 7, evaluateEvery: 1000 });
  expect(planRun(recipe, 100, 5).evaluateEvery).toBe(7);
});

test('fewer pairs than a batch shrink the batch and say so', () => {
  const plan = planRun(recipeSchema.parse({ batchSize: 64 }), 9, 2);
  expect(plan.batchSize).toBe(9);
  expect(plan.notes.join()).toContain('only 9 training samples');
});

test.each([
  { batchSize: 64, microBatchSize: 0, parts: 1, rows: 64 },
  { batchSize: 64, microBatchSize: 16, parts: 4, rows: 16 },
  { batchSize: 64, microBatchSize: 100, parts: 1, rows: 64 },
  { batchSize: 10, microBatchSize: 4, parts: 3, rows: 4 },
  { batchSize: 9, microBatchSize: 4, parts: 3, rows: 3 },
  { batchSize: 5, microBatchSize: 1, parts: 5, rows: 1 },
])('$batchSize pairs in micro-batches of at most $microBatchSize', ({ parts, rows, ...recipe }) => {
  const plan = planRun(recipeSchema.parse(recipe), recipe.batchSize * 3, 2);
  expect(plan.microBatches).toBe(parts);
  expect(microBatchRows(plan)).toBe(rows);
});

test('no micro-batch is all padding', () => {
  for (let batchSize = 2; batchSize < 70; batchSize++) {
    for (let microBatchSize = 1; microBatchSize <= batchSize; microBatchSize++) {
      const plan = planRun(recipeSchema.parse({ batchSize, microBatchSize }), batchSize, 1);
      expect(microBatchRows(plan)).toBeLessThanOrEqual(microBatchSize);
      expect((plan.microBatches - 1) * microBatchRows(plan)).toBeLessThan(batchSize);
    }
  }
});

test('no validation pictures: no evaluation, and a note', () => {
  const plan = planRun(recipeSchema.parse({ batchSize: 4 }), 8, 0);
  expect(plan.evaluateEvery).toBe(0);
  expect(plan.notes.join()).toContain('no validation pictures');
});

test.each([0, 1])('%i pairs are refused', (pairs) => {
  expect(() => planRun(recipeSchema.parse({}), pairs, 2)).toThrow('at least two');
});

test('a share of a run ends where it is evaluated anyway', () => {
  const plan = { totalSteps: 90, evaluateEvery: 5 };
  expect([1 / 9, 1 / 3, 1].map((share) => stepAtShare(plan, share))).toEqual([10, 30, 90]);
  expect(stepAtShare({ totalSteps: 100, evaluateEvery: 5 }, 1 / 9)).toBe(10);
  expect(stepAtShare({ totalSteps: 10, evaluateEvery: 5 }, 1 / 9)).toBe(5);
  expect(stepAtShare({ totalSteps: 7, evaluateEvery: 3 }, 1)).toBe(7);
  expect(stepAtShare({ totalSteps: 9, evaluateEvery: 0 }, 1 / 3)).toBe(3);
});
