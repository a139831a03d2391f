import { add, mul, pad, slice, sum, type Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { LinearNode } from './node';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import { activate, activationSlope } from './activation-tfjs';
import { matmul } from '../../tfjs/matmul';

/** Saves of each adapter `scale · x · aᵀ`, then the sum before the activation, where there is one. */
export const linear: OpRule<LinearNode> = {
  saves: ({ activation, adapters }) => activation !== 'none' || adapters.length > 0,

  backwardReads: ({ x, weight, adapters }, wanted) => [
    ...(wanted.has(weight) || adapters.some(({ a }) => wanted.has(a)) ? [x] : []),
    ...(wanted.has(x) ? [weight] : []),
    ...adapters.flatMap(({ a, b }) => [...(wanted.has(x) ? [a] : []), ...(wanted.has(x) || wanted.has(a) ? [b] : [])]),
  ],

  forward(node, context, keep) {
    const x = context.tensor(node.x);
    const downs = node.adapters.map(({ a, scale }) => mul(matmul(x, context.tensor(a), false, true), scale));
    const product = withAdapters(node, context, matmul(x, context.tensor(node.weight), false, true), downs);
    const before = node.bias === null ? product : add(product, context.tensor(node.bias));
    const active = node.activation === 'none' ? before : activate(node.activation, before);
    const y = node.residual === null ? active : add(active, context.tensor(node.residual));
    return { y, saved: keep ? [...downs, ...(node.activation === 'none' ? [] : [before])] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    const { activation, x, weight, bias, residual, adapters } = node;
    const d = activation === 'none' ? dy : mul(dy, activationSlope(activation, savedTensor(saved, adapters.length)));
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(x)) gradients.push([x, matmul(d, context.tensor(weight))]);
    if (wanted.has(weight)) gradients.push([weight, matmul(d, context.tensor(x), true)]);
    if (bias !== null && wanted.has(bias)) gradients.push([bias, sum(d, 0)]);
    if (residual !== null && wanted.has(residual)) gradients.push([residual, dy.clone()]);
    adapters.forEach(({ a, b, scale, column }, index) => {
      const [columns = 0] = context.shape(b);
      const part = slice(d, [0, column], [-1, columns]);
      if (wanted.has(b)) gradients.push([b, matmul(part, savedTensor(saved, index), true)]);
      if (!wanted.has(a) && !wanted.has(x)) return;
      const dDown = mul(matmul(part, context.tensor(b)), scale);
      if (wanted.has(a)) gradients.push([a, matmul(dDown, context.tensor(x), true)]);
      if (wanted.has(x)) gradients.push([x, matmul(dDown, context.tensor(a))]);
    });
    return gradients;
  },
};

/** Adds what the adapters make of `downs` to the columns that they change. */
function withAdapters(node: LinearNode, context: RunContext, product: Tensor, downs: readonly Tensor[]): Tensor {
  const [, width = 0] = product.shape;
  return node.adapters.reduce((sum, { b, column }, index) => {
    const down = downs[index];
    if (down === undefined) return sum;
    const change = matmul(down, context.tensor(b), false, true);
    const [, columns = 0] = change.shape;
    const whole = [
      [0, 0],
      [column, width - column - columns],
    ] as [number, number][];
    return add(sum, columns === width ? change : pad(change, whole));
  }, product);
}
