import { add, concat, reshape, slice, sum, tile, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { ImageTokensNode } from './node';
import type { OpRule, RunContext } from '../../tfjs/rule';

export const imageTokens: OpRule<ImageTokensNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const { batch } = node;
    const [places = 0, width = 0] = context.shape(node.positions);
    const patches = reshape(context.tensor(node.patches), [batch, places - before(node), width]);
    const tokens = add(withClass(node, context, patches), context.tensor(node.positions));
    return { y: reshape(tokens, [batch * places, width]), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    const { batch } = node;
    const [places = 0, width = 0] = context.shape(node.positions);
    const d = reshape(dy, [batch, places, width]);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.patches)) {
      const count = places - before(node);
      const patches = slice(d, [0, before(node), 0], [batch, count, width]);
      gradients.push([node.patches, reshape(patches, [batch * count, width])]);
    }
    if (node.classEmbedding !== null && wanted.has(node.classEmbedding)) {
      const first = slice(d, [0, 0, 0], [batch, 1, width]);
      gradients.push([node.classEmbedding, reshape(sum(first, 0), [width])]);
    }
    if (wanted.has(node.positions)) gradients.push([node.positions, sum(d, 0)]);
    return gradients;
  },
};

/** Tokens ahead of the patches. */
function before({ classEmbedding }: ImageTokensNode): 0 | 1 {
  return classEmbedding === null ? 0 : 1;
}

/** The class embedding ahead of each image's patches `[batch, P, D]`. */
function withClass({ classEmbedding, batch }: ImageTokensNode, context: RunContext, patches: Tensor): Tensor {
  if (classEmbedding === null) return patches;
  const first = reshape(context.tensor(classEmbedding), [1, 1, patches.shape[2] ?? 0]);
  return concat([tile(first, [batch, 1, 1]), patches], 1);
}
