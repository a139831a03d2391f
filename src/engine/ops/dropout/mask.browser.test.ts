import { describe, test } from 'vitest';
import { acquireDevice } from '../../device';
import { createWebGpuExecutor } from '../../webgpu/executor';
import { checkMasks } from './testing';

describe('masks of dropout on WebGPU', () => {
  test.each([0.1, 0.5, 0.9])('%d dropped: the share, the seed, and backward as forward', async (probability) => {
    const executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
    await checkMasks(executor, probability);
    executor.dispose();
  });
});
