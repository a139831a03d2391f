import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/ir';
import type { TokenEmbeddingNode } from './node';
import { tokenEmbedding, withoutPadding } from './tfjs';
import type { OpRule } from '../../tfjs/rule';
import type { WasmHeap } from '../../tfjs/wasm/heap';

/** Forward is the composed rule; the gradient of the table is summed in place. */
export function wasmTokenEmbedding(heap: WasmHeap): OpRule<TokenEmbeddingNode> {
  return {
    ...tokenEmbedding,

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
