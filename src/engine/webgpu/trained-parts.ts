import { elementCount } from '../graph/value';
import type { GradientPool } from './gradient-pools';

/** Visits every trainable checkpoint tensor with its place in the pools; `offset` and `count` are in elements. */
export function eachPart(
  pools: readonly GradientPool[],
  visit: (pool: number, name: string, offset: number, count: number) => void,
): void {
  pools.forEach(({ parameters }, pool) => {
    for (const { spec, offset: start } of parameters) {
      let offset = start / 4;
      for (const { name, shape } of spec.parts) {
        const count = elementCount(shape);
        visit(pool, name, offset, count);
        offset += count;
      }
    }
  });
}

/** Cuts the contents of pools into checkpoint tensors. */
export function splitParts(pools: readonly GradientPool[], values: readonly Float32Array[]): Map<string, Float32Array> {
  const parts = new Map<string, Float32Array>();
  eachPart(pools, (pool, name, offset, count) => {
    parts.set(name, (values[pool] ?? new Float32Array()).slice(offset, offset + count));
  });
  return parts;
}
