import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dispose, memory, scalar, tensor1d } from '@tensorflow/tfjs-core';
import type { Executor, TrainerOptions } from '../executor';
import { optimizerCases, type FixtureArray } from '../fixtures/load';
import type { ParameterSpec } from '../graph/value';
import { checkRateFactors, checkRefusedGroups } from '../testing/parameter-groups';
import { checkContinuation, checkCount, checkRefusedStates, optimizers, optionsOf } from '../testing/trainer-state';
import { createTfjsExecutor } from './executor';
import { ComposedOptimizer, optimizedParameters } from './optimizer';
import { TfjsStore } from './store';
import { checkSkippedSteps } from './testing/two-towers';

/** Largest difference from PyTorch after a dozen steps, in float32. */
const tolerance = 2e-6;

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

  test('gives groups rates of their own', () => checkRateFactors(executor));

  test('refuses groups that overlap', () => checkRefusedGroups(executor));

  test('counts the steps that are taken', () => checkCount(executor));

  test('refuses a state that is not its own', () => checkRefusedStates(executor));

  describe('its updates are those of PyTorch', () => {
    test.each(optimizerCases())(
      '$name',
      async ({ optimizer, weightDecay, maxGradNorm, clampSecond, rateFactors, start, steps }) => {
        const specs = ['first', 'second'].map((name, value): ParameterSpec => {
          const shape = [start[value]?.data.length ?? 0];
          return { value, shape, parts: [{ name, shape }] };
        });
        const options: TrainerOptions = {
          optimizer,
          weightDecay,
          maxGradNorm,
          groups: [
            { names: new Set(['first']), rateFactor: rateFactors[0] },
            { names: new Set(['second']), rateFactor: rateFactors[1], weightDecay: 0, clamp: clampSecond },
          ],
        };
        const named = (arrays: readonly FixtureArray[]) =>
          new Map(
            specs.map(({ parts: [part] }, index) => [part?.name ?? '', arrays[index]?.data ?? new Float32Array()]),
          );
        const store = new TfjsStore(
          specs,
          named(start),
          () => undefined,
          () => undefined,
        );
        const trained = new ComposedOptimizer(optimizedParameters(specs, options), store, options);
        for (const { learningRate, gradients, gradNorm, after } of steps) {
          const tensors = gradients.map(({ data }) => tensor1d(data));
          const loss = scalar(1);
          const norm = trained.update(tensors, loss, learningRate);
          expect((await norm.data())[0]).toBeCloseTo(gradNorm, 4);
          const found = await store.read();
          for (const [name, values] of named(after)) {
            const difference = values.map((value, at) => Math.abs(value - (found.get(name)?.[at] ?? NaN)));
            expect(Math.max(...difference)).toBeLessThan(tolerance);
          }
          dispose([...tensors, loss, norm]);
        }
        trained.dispose();
        store.dispose();
      },
    );
  });
});
