import { createRequire } from 'node:module';

/** WebGPU in Node: Dawn, from the `webgpu` package, on whichever Vulkan driver is installed (Mesa's llvmpipe where there is no GPU). */
export function nodeGpu(): GPU {
  const dawn = createRequire(import.meta.url)('webgpu') as {
    create(options: readonly string[]): GPU;
    globals: Record<string, unknown>;
  };
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  // TensorFlow.js looks for WebGPU where a browser has it.
  Object.defineProperty(globalThis, 'navigator', { value: { gpu, userAgent: 'node' }, configurable: true });
  return gpu;
}
