import type { PoolNode } from './node';
import { pool, pooledRows } from './tfjs';
import type { OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';

/** Rows are copied where they are not all that there are. */
export function wasmPool(heap: WasmHeap): OpRule<PoolNode> {
  return {
    ...pool,

    forward(node, context) {
      const x = context.tensor(node.x);
      const [, width = 0] = x.shape;
      if (node.tokens === 1 && node.index === null) return { y: heap.share(x), saved: [] };
      const rows = pooledRows(node, context);
      const y = heap.allocate([node.batch, width]);
      const [from, to] = [heap.floats(x), heap.floats(y)];
      rows.forEach((place, row) => to.set(from.subarray(place * width, (place + 1) * width), row * width));
      return { y, saved: [] };
    },
  };
}
