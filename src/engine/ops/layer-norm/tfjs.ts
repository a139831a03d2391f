import { add, mean, mul, rsqrt, square, sub, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { LayerNormNode } from './node';
import { savedTensor, type OpRule } from '../../tfjs/rule';

/** Saves the normalised rows and the reciprocal standard deviations. */
export const layerNorm: OpRule<LayerNormNode> = {
  saves: () => true,

  backwardReads: (node, wanted) => (wanted.has(node.x) ? [node.weight] : []),

  forward(node, context, keep) {
    const x = context.tensor(node.x);
    const centred = sub(x, mean(x, -1, true));
    const rstd = rsqrt(add(mean(square(centred), -1, true), node.epsilon));
    const normed = mul(centred, rstd);
    const y = add(mul(normed, context.tensor(node.weight)), context.tensor(node.bias));
    return { y, saved: keep ? [normed, rstd] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    const normed = savedTensor(saved, 0);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.x)) {
      const d = mul(dy, context.tensor(node.weight));
      const tangent = sub(d, add(mean(d, -1, true), mul(normed, mean(mul(d, normed), -1, true))));
      gradients.push([node.x, mul(tangent, savedTensor(saved, 1))]);
    }
    if (wanted.has(node.weight)) gradients.push([node.weight, sum(mul(dy, normed), 0)]);
    if (wanted.has(node.bias)) gradients.push([node.bias, sum(dy, 0)]);
    return gradients;
  },
};
