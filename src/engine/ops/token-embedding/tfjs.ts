import { add, gather, pad, reshape, scatterND, slice, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/ir';
import type { TokenEmbeddingNode } from './node';
import type { OpRule, RunContext } from '../../tfjs/rule';

export const tokenEmbedding: OpRule<TokenEmbeddingNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const { batch, tokens, width } = extents(node, context);
    const rows = gather(context.tensor(node.table), context.tensor(node.ids));
    const places = slice(context.tensor(node.positions), [0, 0], [tokens, width]);
    return { y: reshape(add(rows, places), [batch * tokens, width]), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    const { batch, tokens, width } = extents(node, context);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.table)) {
      const ids = tensor(context.input(node.ids), [batch * tokens, 1], 'int32');
      const [vocabulary = 0] = context.shape(node.table);
      gradients.push([node.table, scatterND(ids, dy, [vocabulary, width])]);
    }
    if (wanted.has(node.positions)) {
      const [places = 0] = context.shape(node.positions);
      const used = sum(reshape(dy, [batch, tokens, width]), 0);
      gradients.push([
        node.positions,
        pad(used, [
          [0, places - tokens],
          [0, 0],
        ]),
      ]);
    }
    return gradients;
  },
};

function extents(node: TokenEmbeddingNode, context: RunContext): { batch: number; tokens: number; width: number } {
  const [batch = 0, tokens = 0] = context.shape(node.ids);
  const [, width = 0] = context.shape(node.table);
  return { batch, tokens, width };
}
