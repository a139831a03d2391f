import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../../engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../../engine/webgpu/executor';
import { checkCurve, checkFeatures, checkGradients, checkMixedPrecision, optimizerNames } from './testing/parity';
import { storedModels } from './testing/models';

const models = Object.entries(storedModels);

describe('small models on the WebGPU executor', () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
  });

  afterAll(() => executor.dispose());

  describe.each(models)('%s', (_, model) => {
    test('features and logits match Transformers', () => checkFeatures(executor, model));

    test('loss and every gradient match PyTorch', () => checkGradients(executor, model));

    test.each(optimizerNames)('twenty steps of %s lie on one curve with PyTorch', (optimizer) =>
      checkCurve(executor, model, optimizer),
    );

    test('mixed precision stays close to float32', async ({ skip }) => {
      skip(!executor.engine.features.f16, 'This adapter has no shader-f16.');
      await checkMixedPrecision(executor, model);
    });
  });

  test('nothing is left behind', () => {
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  });
});
