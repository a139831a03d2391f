import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../../../engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../../../engine/webgpu/executor';
import {
  checkCurve,
  checkFeatures,
  checkGradients,
  checkMixedPrecision,
  CLIP_FIXTURES,
  OPTIMIZERS,
  type ClipFixtureName,
} from './testing/parity';

const names = Object.keys(CLIP_FIXTURES) as ClipFixtureName[];

describe('CLIP on the WebGPU executor', () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
  });

  afterAll(() => executor.dispose());

  describe.each(names)('%s', (name) => {
    test('features and logits match Transformers', () => checkFeatures(executor, name));

    test('loss and every gradient match PyTorch', () => checkGradients(executor, name));

    test.each(OPTIMIZERS)('twenty steps of %s lie on one curve with PyTorch', (optimizer) =>
      checkCurve(executor, name, optimizer),
    );

    test('mixed precision stays close to float32', async ({ skip }) => {
      skip(!executor.engine.features.f16, 'This adapter has no shader-f16.');
      await checkMixedPrecision(executor, name);
    });
  });

  test('nothing is left behind', () => {
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  });
});
