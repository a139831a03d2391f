import type { ExecutorKind } from '../engine/executor';

/** Bytes that a backend can hold at the very most; `Infinity` where nothing is known. */
export interface Capacity {
  readonly total: number;
  /** In one tensor. */
  readonly tensor: number;
}

const gibibyte = 2 ** 30;

/**
 * What a backend can hold: the 32-bit heap of WebAssembly, and what a tab may be expected to get without a GPU. How much memory a GPU has is not
 * told to a page, only the largest buffer that a kernel may bind; beyond that the device itself refuses (`out-of-memory`).
 *
 * @param largestTensor `maxStorageBufferBindingSize` of the device; null without one
 */
export function capacityOf(kind: ExecutorKind, largestTensor: number | null): Capacity {
  switch (kind) {
    case 'webgpu':
    case 'tfjs-webgpu':
      return { total: Infinity, tensor: largestTensor ?? Infinity };
    case 'tfjs-wasm':
      return { total: 3 * gibibyte, tensor: Infinity };
    case 'tfjs-cpu':
      return { total: 4 * gibibyte, tensor: Infinity };
    default:
      return kind satisfies never;
  }
}
