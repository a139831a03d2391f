import { concat as joined, slice, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { OpRule } from '../../tfjs/rule';
import type { ConcatNode } from './node';

export const concat: OpRule<ConcatNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward: ({ left, right }, context) => ({
    y: joined([context.tensor(left), context.tensor(right)], 1),
    saved: [],
  }),

  backward({ left, right }, dy, _saved, wanted, context) {
    const [rows = 0, a = 0] = context.shape(left);
    const [, b = 0] = context.shape(right);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(left)) gradients.push([left, slice(dy, [0, 0], [rows, a])]);
    if (wanted.has(right)) gradients.push([right, slice(dy, [0, a], [rows, b])]);
    return gradients;
  },
};
