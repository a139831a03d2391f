import { add, concat, reshape, slice, sum, tile, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/ir';
import type { ImageTokensNode } from './node';
import type { OpRule } from '../../tfjs/rule';

export const imageTokens: OpRule<ImageTokensNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const { batch } = node;
    const [places = 0, width = 0] = context.shape(node.positions);
    const patches = reshape(context.tensor(node.patches), [batch, places - 1, width]);
    const first = tile(reshape(context.tensor(node.classEmbedding), [1, 1, width]), [batch, 1, 1]);
    const tokens = add(concat([first, patches], 1), context.tensor(node.positions));
    return { y: reshape(tokens, [batch * places, width]), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    const { batch } = node;
    const [places = 0, width = 0] = context.shape(node.positions);
    const d = reshape(dy, [batch, places, width]);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.patches)) {
      const patches = slice(d, [0, 1, 0], [batch, places - 1, width]);
      gradients.push([node.patches, reshape(patches, [batch * (places - 1), width])]);
    }
    if (wanted.has(node.classEmbedding)) {
      const first = slice(d, [0, 0, 0], [batch, 1, width]);
      gradients.push([node.classEmbedding, reshape(sum(first, 0), [width])]);
    }
    if (wanted.has(node.positions)) gradients.push([node.positions, sum(d, 0)]);
    return gradients;
  },
};
