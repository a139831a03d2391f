import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { memory } from '@tensorflow/tfjs-core';
import type { Executor } from '../executor';
import { checkContinuation, checkCount, checkRefusedStates, optimizers, optionsOf } from '../testing/trainer-state';
import { createTfjsExecutor } from './executor';
import { checkSkippedSteps } from './testing/two-towers';

describe('plain JavaScript', () => {
  let executor: Executor;
  let before: number;

  beforeAll(async () => {
    executor = await createTfjsExecutor('tfjs-cpu');
    before = memory().numTensors;
  });

  afterAll(() => {
    expect(memory().numTensors).toBe(before);
    executor.dispose();
  });

  test('leaves out steps that are not finite', () => checkSkippedSteps(executor));

  test.each(optimizers)('continues from a state bit by bit: $type', (optimizer) =>
    checkContinuation(executor, optionsOf(optimizer)),
  );

  test('counts the steps that are taken', () => checkCount(executor));

  test('refuses a state that is not its own', () => checkRefusedStates(executor));
});
