import type { GatherRowsNode } from './node';
import { extents, gatherRows } from './tfjs';
import type { OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';

/** Sequences are copied whole. */
export function wasmGatherRows(heap: WasmHeap): OpRule<GatherRowsNode> {
  return {
    ...gatherRows,

    forward(node, context) {
      const { tokens, width, index } = extents(node, context);
      const x = context.tensor(node.x);
      const y = heap.allocate([index.length * tokens, width]);
      const [from, to] = [heap.floats(x), heap.floats(y)];
      const length = tokens * width;
      index.forEach((sequence, row) => to.set(from.subarray(sequence * length, (sequence + 1) * length), row * length));
      return { y, saved: [] };
    },
  };
}
