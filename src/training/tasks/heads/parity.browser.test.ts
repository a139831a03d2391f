import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../../../engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../../../engine/webgpu/executor';
import { checkHead, headCases } from './testing/parity';

describe('heads on the WebGPU executor', () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
  });

  afterAll(() => executor.dispose());

  test.each(headCases)('$name: logits, the loss and every gradient match PyTorch', (given) =>
    checkHead(executor, given),
  );

  test('nothing is left behind', () => {
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  });
});
