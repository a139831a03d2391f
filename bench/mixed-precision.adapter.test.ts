import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { WebGpuExecutor } from '../src/engine/webgpu/executor';
import { clipFixtures } from '../src/model/families/clip/testing/fixtures';
import { checkMixedPrecision } from '../src/model/families/testing/parity';
import { halfPrecisionExecutor } from './adapter-executor';

/** Compiling kernels for a software adapter takes its time. */
const patience = 600_000;

describe('mixed precision on the WebGPU executor in Node', () => {
  let executor: WebGpuExecutor | string;

  beforeAll(async () => {
    executor = await halfPrecisionExecutor();
  });

  afterAll(() => {
    if (typeof executor !== 'string') executor.dispose();
  });

  test('stays close to float32', { timeout: patience }, async ({ skip }) => {
    if (typeof executor === 'string') return skip(executor);
    await checkMixedPrecision(executor, clipFixtures['quick-gelu']);
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  });
});
