import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KernelCheck } from '../src/engine/self-test-checks';
import { testHalfPrecision } from '../src/engine/self-test-half';
import type { CheckRunner } from '../src/engine/self-test';
import { usedAttention } from '../src/engine/ops/attention/tuning';
import { usedProducts } from '../src/engine/ops/linear/tuning';
import type { WebGpuExecutor } from '../src/engine/webgpu/executor';
import { runKernels } from '../src/engine/webgpu/kernel-run';
import { halfPrecisionExecutor } from './adapter-executor';

describe('the self-test with half-precision storage in Node', () => {
  let executor: WebGpuExecutor | string;

  beforeAll(async () => {
    executor = await halfPrecisionExecutor();
  });

  afterAll(() => {
    if (typeof executor !== 'string') executor.dispose();
  });

  test('passes the kernels that are chosen by default', { timeout: 600_000 }, async ({ skip }) => {
    if (typeof executor === 'string') return skip(executor);
    const { context } = executor;
    const { device, memory, cache } = context;
    let checked = 0;
    const run: CheckRunner = (check: KernelCheck, results) => {
      checked++;
      return runKernels(device, memory, cache, check.data, check.steps, results);
    };
    const shape = { rows: 1600, inner: 768, columns: 3072 };
    const tasks = [
      ...(['forward', 'input', 'weight'] as const).map((pass) => ({ op: 'linear', pass, shape }) as const),
      {
        op: 'attention',
        shape: { batch: 16, tokens: 50, heads: 8, headSize: 64 },
        causal: false,
        training: true,
      } as const,
    ];
    const { choice } = context;
    const kernels = {
      linear: usedProducts(choice, tasks),
      attention: usedAttention(choice, tasks),
      target: choice.target,
    };
    expect(await testHalfPrecision(run, kernels)).toEqual([]);
    expect(checked).toBe(5);
  });
});
