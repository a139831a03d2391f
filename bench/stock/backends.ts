// Brings the gradients of all operations along.
import '@tensorflow/tfjs';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../../src/engine/device';
import type { WasmPaths } from '../../src/engine/tfjs/backend';

/** TensorFlow.js's WebGPU backend with its own kernels, on the given device. */
export async function startStockWebGpu(engine: EngineDevice): Promise<string> {
  const { WebGPUBackend } = await import('@tensorflow/tfjs-backend-webgpu');
  tf.registerBackend('stock', () => new WebGPUBackend(engine.device, engine.device.adapterInfo));
  tf.copyRegisteredKernels('webgpu', 'stock');
  await start('stock');
  return `${engine.adapter.name}, WebGPU backend`;
}

/** TensorFlow.js's WASM backend, with SIMD, and with threads where the page is cross-origin isolated. */
export async function startStockWasm(paths: WasmPaths): Promise<string> {
  const wasm = await import('@tensorflow/tfjs-backend-wasm');
  wasm.setWasmPaths(typeof paths === 'string' ? paths : { ...paths });
  await start('wasm');
  return `WASM backend, ${wasm.getThreadsCount()} threads`;
}

async function start(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`The TensorFlow.js backend "${name}" did not start.`);
  await tf.ready();
}
