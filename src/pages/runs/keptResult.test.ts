import { expect, test } from 'vitest';
import { finishedRun } from '../../export/testing/facts';
import { runResult } from './result';

const last = finishedRun.evaluations.at(-1);

test('where no step was better than the base model, the result is the base model itself', () => {
  const result = runResult({ ...finishedRun, bestStep: 0, weightsStep: 0 });
  expect(result?.tuned).toMatchObject({ metrics: finishedRun.baseline, step: 0 });
});

test('the result is that of the stored weights, where the last ones are kept and others were measured later', () => {
  const recipe = { ...finishedRun.recipe, restoreBest: false };
  expect(runResult({ ...finishedRun, recipe, bestStep: 300, weightsStep: 200 })?.tuned.step).toBe(200);
  expect(runResult({ ...finishedRun, recipe, bestStep: 200, weightsStep: null })?.tuned.step).toBe(last?.step);
});

test('the result is that of the best weights, where they are kept', () => {
  expect(runResult(finishedRun)?.tuned.step).toBe(200);
});
