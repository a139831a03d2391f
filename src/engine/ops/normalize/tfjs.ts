import { div, mul, sqrt, square, sub, sum } from '@tensorflow/tfjs-core';
import type { NormalizeNode } from './node';
import { savedTensor, type OpRule } from '../../tfjs/rule';

/** Saves the result and the lengths. */
export const normalize: OpRule<NormalizeNode> = {
  saves: () => true,

  backwardReads: () => [],

  forward(node, context, keep) {
    const x = context.tensor(node.x);
    const length = sqrt(sum(square(x), -1, true));
    const y = div(x, length);
    return { y, saved: keep ? [y.clone(), length] : [] };
  },

  backward(node, dy, saved) {
    const y = savedTensor(saved, 0);
    const along = sum(mul(dy, y), -1, true);
    return [[node.x, div(sub(dy, mul(y, along)), savedTensor(saved, 1))]];
  },
};
