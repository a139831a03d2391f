import { tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { TokenEmbeddingNode, ValueId } from '../../graph/ir';
import { tokenEmbedding } from '../ops/token-embedding';
import type { OpRule } from '../rule';
import type { WasmHeap } from './heap';

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
        heap.kernels.scatterAddRows(heap.address(ids), heap.address(dy), heap.address(table), rows, columns);
        gradients.push([node.table, table]);
      }
      return gradients;
    },
  };
}
