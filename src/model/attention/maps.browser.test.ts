import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../../engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../../engine/webgpu/executor';
import { checkMaps, mapModels } from './testing/check';

describe('what small models attend to, on WebGPU', () => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
  });

  afterAll(() => executor.dispose());

  // The others differ in the activation alone, and compiling kernels takes a software adapter long.
  test.each(mapModels.filter((name) => !name.endsWith('with GELU')))('%s matches PyTorch', (name) =>
    checkMaps(executor, name),
  );

  test('nothing is left behind', () => {
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0, other: 0 });
  });
});
