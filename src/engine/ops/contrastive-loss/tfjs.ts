import {
  add,
  exp,
  logSoftmax,
  mul,
  neg,
  reshape,
  scalar,
  softmax,
  sub,
  sum,
  tensor,
  transpose,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import type { ContrastiveLossNode } from './node';
import { contrastiveTargets } from './targets';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import { matmul } from '../../tfjs/matmul';

/**
 * With target matrix T (rows sum to 1/n for the n real samples, 0 for padding), logits L and mask M, the loss is
 * `-½ Σ T · (logSoftmax(L + M) + logSoftmax(Lᵀ + M))`, and its gradient in the masked logits of one direction `½ (softmax · rowSum(T) - T)`.
 * Saves the scaled logits.
 */
export const contrastiveLoss: OpRule<ContrastiveLossNode> = {
  saves: () => true,

  backwardReads: (node) => [node.image, node.text, node.logitScale],

  forward(node, context, keep) {
    const scale = exp(context.tensor(node.logitScale));
    const logits = mul(matmul(context.tensor(node.image), context.tensor(node.text), false, true), scale);
    const { mask, target } = tables(node, context);
    const both = add(logSoftmax(add(logits, mask)), logSoftmax(add(transpose(logits), mask)));
    const y = mul(neg(sum(mul(target, both))), 0.5);
    return { y: reshape(y, []), saved: keep ? [logits] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    const logits = savedTensor(saved, 0);
    const { mask, target } = tables(node, context);
    const mass = sum(target, -1, true);
    const direction = (given: Tensor): Tensor => sub(mul(softmax(add(given, mask)), mass), target);
    const d = mul(add(direction(logits), transpose(direction(transpose(logits)))), mul(dy, scalar(0.5)));
    const scaled = mul(d, exp(context.tensor(node.logitScale)));
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.image)) gradients.push([node.image, matmul(scaled, context.tensor(node.text))]);
    if (wanted.has(node.text)) gradients.push([node.text, matmul(scaled, context.tensor(node.image), true)]);
    if (wanted.has(node.logitScale)) {
      gradients.push([node.logitScale, reshape(sum(mul(d, logits)), [...context.shape(node.logitScale)])]);
    }
    return gradients;
  },
};

function tables(node: ContrastiveLossNode, context: RunContext): { mask: Tensor; target: Tensor } {
  const imageKeys = context.input(node.imageKeys);
  const { mask, target } = contrastiveTargets(imageKeys, context.input(node.textKeys), node.labelSmoothing);
  const shape = [imageKeys.length, imageKeys.length];
  return { mask: tensor(mask, shape), target: tensor(target, shape) };
}
