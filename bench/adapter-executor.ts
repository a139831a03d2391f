import { acquireDevice } from '../src/engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../src/engine/webgpu/executor';
import { nodeGpu } from './node-device';

/**
 * An executor on the adapter that Node finds, for tests of half precision: Chromium's software adapter has no `shader-f16`, Mesa's has.
 *
 * @returns or why there is none
 */
export async function halfPrecisionExecutor(): Promise<WebGpuExecutor | string> {
  let executor: WebGpuExecutor;
  try {
    executor = await createWebGpuExecutor(await acquireDevice({ gpu: nodeGpu() }), { selfTest: false });
  } catch {
    return 'Node finds no graphics adapter here.';
  }
  if (executor.engine.features.f16) return executor;
  executor.dispose();
  return 'This adapter has no shader-f16.';
}
