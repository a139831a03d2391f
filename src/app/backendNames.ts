import type { ExecutorKind } from '../stores/backend';

/** What people read for what computes. */
export const backendNames: Record<ExecutorKind, string> = {
  webgpu: 'WebGPU',
  'tfjs-webgpu': 'WebGPU, stock kernels',
  'tfjs-wasm': 'WebAssembly',
  'tfjs-cpu': 'JavaScript',
};
