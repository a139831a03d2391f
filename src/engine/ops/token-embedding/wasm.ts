import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { TokenEmbeddingNode } from './node';
import { EngineError } from '../../executor';
import { extents, placesOf, tokenEmbedding, withoutPadding } from './tfjs';
import type { OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';

/** Rows are added in the order of the composed rule; the gradient of the table is summed in place. */
export function wasmTokenEmbedding(heap: WasmHeap): OpRule<TokenEmbeddingNode> {
  return {
    ...tokenEmbedding,

    forward(node, context) {
      const { batch, tokens, width } = extents(node, context);
      const places = placesOf(node, context);
      const ids = context.input(node.ids);
      const [vocabulary = 0] = context.shape(node.table);
      const [table, positions] = [context.tensor(node.table), context.tensor(node.positions)];
      const y = heap.allocate([batch * tokens, width]);
      const [rows, added, out] = [heap.address(table), heap.address(positions), heap.address(y)];
      for (let row = 0; row < batch * tokens; row++) {
        const id = ids[row] ?? 0;
        if (id < 0 || id >= vocabulary)
          throw new EngineError('validation', `There are ${vocabulary} tokens, and none with the number ${id}.`);
        const place = places?.[row] ?? row % tokens;
        const at = (from: number, index: number): number => from + 4 * index * width;
        heap.kernels.fillRows(at(rows, id), at(added, place), at(out, row), 1, width);
      }
      return { y, saved: [] };
    },

    backward(node, dy, saved, wanted, context) {
      const others = new Set([...wanted].filter((id) => id !== node.table));
      const gradients: (readonly [ValueId, Tensor])[] = [...tokenEmbedding.backward(node, dy, saved, others, context)];
      if (wanted.has(node.table)) {
        const shape = context.shape(node.table);
        const table = heap.zeros(shape);
        const ids = tensor(context.input(node.ids), [context.input(node.ids).length], 'int32');
        const [rows = 0, columns = 0] = dy.shape;
        const counted = withoutPadding(node, dy, context);
        heap.kernels.scatterAddRows(heap.address(ids), heap.address(counted), heap.address(table), rows, columns);
        gradients.push([node.table, table]);
      }
      return gradients;
    },
  };
}
