import { test } from 'vitest';
import { acquireDevice } from '../../engine/device';
import { createWebGpuExecutor } from '../../engine/webgpu/executor';
import { checkWriting, ways } from '../testing/writing';

test('texts over kept keys and values are those that are read anew, on WebGPU', async () => {
  const executor = await createWebGpuExecutor(await acquireDevice());
  // A beam search with all that it reorders, since compiling takes long on a software adapter.
  await checkWriting(executor, ways.slice(1, 2));
  executor.dispose();
}, 300_000);
