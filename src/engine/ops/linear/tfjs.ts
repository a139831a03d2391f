import { add, mul, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/ir';
import type { LinearNode } from './node';
import { savedTensor, type OpRule } from '../../tfjs/rule';
import { activate, activationSlope } from './activation-tfjs';
import { matmul } from '../../tfjs/matmul';

/** Saves the sum before the activation, where there is one. */
export const linear: OpRule<LinearNode> = {
  saves: (node) => node.activation !== 'none',

  backwardReads: (node, wanted) => [
    ...(wanted.has(node.weight) ? [node.x] : []),
    ...(wanted.has(node.x) ? [node.weight] : []),
  ],

  forward(node, context, keep) {
    const product = matmul(context.tensor(node.x), context.tensor(node.weight), false, true);
    const before = node.bias === null ? product : add(product, context.tensor(node.bias));
    const active = node.activation === 'none' ? before : activate(node.activation, before);
    const y = node.residual === null ? active : add(active, context.tensor(node.residual));
    return { y, saved: keep && node.activation !== 'none' ? [before] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    const { activation, x, weight, bias, residual } = node;
    const d = activation === 'none' ? dy : mul(dy, activationSlope(activation, savedTensor(saved, 0)));
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(x)) gradients.push([x, matmul(d, context.tensor(weight))]);
    if (wanted.has(weight)) gradients.push([weight, matmul(d, context.tensor(x), true)]);
    if (bias !== null && wanted.has(bias)) gradients.push([bias, sum(d, 0)]);
    if (residual !== null && wanted.has(residual)) gradients.push([residual, dy.clone()]);
    return gradients;
  },
};
