import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../src/engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../src/engine/webgpu/executor';
import { checkMixedPrecision } from '../src/model/clip/testing/parity';
import { nodeGpu } from './node-device';

/** Compiling kernels for a software adapter takes its time. */
const patience = 600_000;

/** Chromium's software adapter has no `shader-f16`; Mesa's, which Node can use, does. */
describe('mixed precision on the WebGPU executor in Node', () => {
  let executor: WebGpuExecutor | null = null;

  beforeAll(async () => {
    try {
      executor = await createWebGpuExecutor(await acquireDevice({ gpu: nodeGpu() }), { selfTest: false });
    } catch {
      executor = null;
    }
  });

  afterAll(() => executor?.dispose());

  test('stays close to float32', { timeout: patience }, async ({ skip }) => {
    if (executor === null) return skip('Node finds no graphics adapter here.');
    if (!executor.engine.features.f16) return skip('This adapter has no shader-f16.');
    await checkMixedPrecision(executor, 'quick-gelu');
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  });
});
