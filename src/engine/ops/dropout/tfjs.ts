import { clone, mul, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { keepMask } from '../../tfjs/dropout';
import type { OpRule, RunContext } from '../../tfjs/rule';
import type { DropoutNode } from './node';

export const dropout: OpRule<DropoutNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward: (node, context) => ({ y: masked(node, context.tensor(node.x), context), saved: [] }),

  backward: (node, dy, _saved, _wanted, context) => [[node.x, masked(node, dy, context)]],
};

function masked({ x, y, probability }: DropoutNode, value: Tensor, context: RunContext): Tensor {
  const { seed } = context;
  if (seed === null || probability === 0) return clone(value);
  return mul(value, tensor(keepMask(value.size, probability, seed, y), [...context.shape(x)]));
}
