import { test } from 'vitest';
import { acquireDevice } from '../device';
import { createTfjsExecutor } from './executor';
import { checkSkippedSteps } from './testing/two-towers';
import { wasmFiles } from './wasm-files';

test('WebAssembly leaves out steps that are not finite', async () => {
  const executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths: wasmFiles });
  await checkSkippedSteps(executor);
  executor.dispose();
});

test('the WebGPU kernels of TensorFlow.js leave out steps that are not finite', async () => {
  const executor = await createTfjsExecutor('tfjs-webgpu', { device: await acquireDevice() });
  await checkSkippedSteps(executor);
  executor.dispose();
});
