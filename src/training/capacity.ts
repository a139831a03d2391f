import type { ExecutorKind } from '../engine/executor';

const gibibyte = 2 ** 30;

/**
 * Bytes that a backend can hold at the very most: the 32-bit heap of WebAssembly, and what a tab may be expected to get without a GPU. What a
 * GPU has is not told to a page; there the device itself refuses (`out-of-memory`, `limit`).
 */
export const memoryCapacity: Readonly<Record<ExecutorKind, number>> = {
  webgpu: Infinity,
  'tfjs-webgpu': Infinity,
  'tfjs-wasm': 3 * gibibyte,
  'tfjs-cpu': 4 * gibibyte,
};
