import type { ExecutorKind } from '../../engine/executor';

/** Bytes that a backend can hold at the very most; `Infinity` where nothing is known. */
export interface Capacity {
  readonly total: number;
  /** In one tensor. */
  readonly tensor: number;
  /** In the tab's own memory: what it keeps, and where the processor computes all the rest. */
  readonly tab: number;
}

const gibibyte = 2 ** 30;

/** What a tab may be expected to get, on a machine that has as much: browsers end one that takes more. */
const tab = 4 * gibibyte;

/**
 * What a backend can hold: the 32-bit heap of WebAssembly, and what a tab may be expected to get. How much memory a GPU has is not
 * told to a page, only the largest buffer that a kernel may bind; beyond that the device itself refuses (`out-of-memory`).
 *
 * @param largestTensor `maxStorageBufferBindingSize` of the device; null without one
 */
export function capacityOf(kind: ExecutorKind, largestTensor: number | null): Capacity {
  switch (kind) {
    case 'webgpu':
    case 'tfjs-webgpu':
      return { total: Infinity, tensor: largestTensor ?? Infinity, tab };
    case 'tfjs-wasm':
      return { total: 3 * gibibyte, tensor: Infinity, tab };
    case 'tfjs-cpu':
      return { total: tab, tensor: Infinity, tab };
    default:
      return kind satisfies never;
  }
}
