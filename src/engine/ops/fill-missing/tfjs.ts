import { add, mul, reshape, sub, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { OpRule, RunContext } from '../../tfjs/rule';
import type { FillMissingNode } from './node';

export const fillMissing: OpRule<FillMissingNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const there = thereOf(node, context);
    const filled = mul(sub(1, there), reshape(context.tensor(node.fill), [1, -1]));
    return { y: add(mul(there, context.tensor(node.x)), filled), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    const there = thereOf(node, context);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.x)) gradients.push([node.x, mul(dy, there)]);
    if (wanted.has(node.fill)) {
      gradients.push([node.fill, reshape(sum(mul(dy, sub(1, there)), 0), [...context.shape(node.fill)])]);
    }
    return gradients;
  },
};

/** 1 for the rows of samples that are there, 0 for the others: `[rows, 1]`. */
function thereOf({ x, present, batch }: FillMissingNode, context: RunContext): Tensor {
  const [rows = 0] = context.shape(x);
  const given = context.input(present);
  const tokens = rows / batch;
  const values = Float32Array.from({ length: rows }, (_, row) => (given[Math.floor(row / tokens)] === 0 ? 0 : 1));
  return tensor(values, [rows, 1]);
}
