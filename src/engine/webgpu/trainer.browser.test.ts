import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireDevice } from '../device';
import { checkRateFactors, checkRefusedGroups } from '../testing/parameter-groups';
import { checkContinuation, checkCount, checkRefusedStates, optimizers, optionsOf } from '../testing/trainer-state';
import { checkMicroBatches, sharedLosses } from '../testing/micro-batches';
import { checkDecoding, checkTrainedState } from '../testing/states';
import { checkSkippedSteps } from '../tfjs/testing/two-towers';
import { createWebGpuExecutor, type WebGpuExecutor } from './executor';

let executor: WebGpuExecutor;

beforeAll(async () => {
  executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
});

afterAll(() => {
  expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  executor.dispose();
});

test('a step that is not finite is left out', () => checkSkippedSteps(executor));

test.each(optimizers)('a state continues bit by bit: $type', (optimizer) =>
  checkContinuation(executor, optionsOf(optimizer)),
);

test.each(sharedLosses)('micro-batches share one loss: %s', (loss) => checkMicroBatches(executor, loss));

test('groups have rates of their own', () => checkRateFactors(executor));

test('groups that overlap are refused', () => checkRefusedGroups(executor));

test('states keep keys and values while tokens are attended to one by one', () => checkDecoding(executor));

test('states take the values of a training step', () => checkTrainedState(executor));

test('the steps that are taken are counted', () => checkCount(executor));

test('a state that is not its own is refused', () => checkRefusedStates(executor));
