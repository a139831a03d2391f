import { add, mul, sigmoid, sub, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { OpRule } from '../../tfjs/rule';
import type { GateNode } from './node';

export const gate: OpRule<GateNode> = {
  saves: () => false,

  backwardReads: ({ gate, a, b }, wanted) => (wanted.has(gate) ? [gate, a, b] : [gate]),

  forward(node, context) {
    const share = sigmoid(context.tensor(node.gate));
    const b = context.tensor(node.b);
    return { y: add(b, mul(share, sub(context.tensor(node.a), b))), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    const share = sigmoid(context.tensor(node.gate));
    const rest = sub(1, share);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.gate)) {
      const between = sub(context.tensor(node.a), context.tensor(node.b));
      gradients.push([node.gate, mul(mul(dy, between), mul(share, rest))]);
    }
    if (wanted.has(node.a)) gradients.push([node.a, mul(dy, share)]);
    if (wanted.has(node.b)) gradients.push([node.b, mul(dy, rest)]);
    return gradients;
  },
};
