import type { WriteRowsNode } from './node';
import { writeRows, writtenRows } from './tfjs';
import type { OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';

/** The rows are written where the state lies, unless backward may still read what it held. */
export function wasmWriteRows(heap: WasmHeap): OpRule<WriteRowsNode> {
  return {
    ...writeRows,

    forward(node, context, keep) {
      if (keep) return writeRows.forward(node, context, keep);
      const [state, x] = [context.tensor(node.state), context.tensor(node.x)];
      const [, width = 0] = x.shape;
      const [from, to] = [heap.floats(x), heap.floats(state)];
      writtenRows(node, context).forEach((place, row) =>
        to.set(from.subarray(row * width, (row + 1) * width), place * width),
      );
      return { y: heap.share(state), saved: [] };
    },
  };
}
