import { describe, expect, test } from 'vitest';
import { acquireDevice } from '../device';
import type { Executor } from '../executor';
import { checkRateFactors, checkRefusedGroups } from '../testing/parameter-groups';
import { checkContinuation, checkCount, checkRefusedStates, optimizers, optionsOf } from '../testing/trainer-state';
import { createTfjsExecutor } from './executor';
import { checkSkippedSteps } from './testing/two-towers';
import { wasmFiles } from './wasm-files';

const starts: readonly [string, () => Promise<Executor>][] = [
  ['WebAssembly', () => createTfjsExecutor('tfjs-wasm', { wasmPaths: wasmFiles })],
  [
    'the WebGPU kernels of TensorFlow.js',
    async () => createTfjsExecutor('tfjs-webgpu', { device: await acquireDevice() }),
  ],
];

describe.each(starts)('%s', (_, start) => {
  test('a step that is not finite is left out, a state continues bit by bit, and groups have rates of their own', async () => {
    const executor = await start();
    await checkSkippedSteps(executor);
    await checkCount(executor);
    await checkRefusedStates(executor);
    await checkRateFactors(executor);
    await checkRefusedGroups(executor);
    for (const optimizer of optimizers) await checkContinuation(executor, optionsOf(optimizer));
    expect(executor.memory()).toMatchObject({ weights: 0, moments: 0 });
    executor.dispose();
  });
});
