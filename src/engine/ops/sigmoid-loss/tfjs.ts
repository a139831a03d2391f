import {
  abs,
  add,
  div,
  equal,
  exp,
  log,
  mul,
  neg,
  relu,
  reshape,
  sigmoid,
  square,
  sub,
  sum,
  tensor,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import { matmul } from '../../tfjs/matmul';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import { pairLabels } from '../contrastive-loss/targets';
import type { SigmoidLossNode } from './node';

/**
 * With labels T (1, -1, or 0 for pairs that count nothing), logits Z and n samples, the loss is `Σ T² · softplus(-T · Z) / n`, and its gradient in
 * the logits `-T · σ(-T · Z) / n`. Saves the scaled similarities.
 */
export const sigmoidLoss: OpRule<SigmoidLossNode> = {
  saves: () => true,

  backwardReads: (node) => [node.image, node.text, node.logitScale, node.logitBias],

  forward(node, context, keep) {
    const scale = exp(context.tensor(node.logitScale));
    const scaled = mul(matmul(context.tensor(node.image), context.tensor(node.text), false, true), scale);
    const { labels, share } = tables(node, context);
    const miss = neg(mul(labels, add(scaled, context.tensor(node.logitBias))));
    // Of each row first, so that the small terms of many pairs are not lost beside the sum of all.
    const ofRows = sum(mul(square(labels), softplus(miss)), -1);
    const y = mul(sum(ofRows), share);
    return { y: reshape(y, []), saved: keep ? [scaled] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    const scaled = savedTensor(saved, 0);
    const { labels, share } = tables(node, context);
    const miss = neg(mul(labels, add(scaled, context.tensor(node.logitBias))));
    const d = mul(neg(mul(labels, sigmoid(miss))), mul(dy, share));
    const through = mul(d, exp(context.tensor(node.logitScale)));
    const gradients: [ValueId, Tensor][] = [];
    const scalar = (id: ValueId, total: Tensor): void => {
      gradients.push([id, reshape(total, [...context.shape(id)])]);
    };
    if (wanted.has(node.image)) gradients.push([node.image, matmul(through, context.tensor(node.text))]);
    if (wanted.has(node.text)) gradients.push([node.text, matmul(through, context.tensor(node.image), true)]);
    if (wanted.has(node.logitScale)) scalar(node.logitScale, sum(mul(d, scaled)));
    if (wanted.has(node.logitBias)) scalar(node.logitBias, sum(d));
    return gradients;
  },
};

/** `log(1 + eˣ)`. */
function softplus(x: Tensor): Tensor {
  return add(relu(x), logOfOnePlus(exp(neg(abs(x)))));
}

/**
 * `log(1 + e)` for e in 0…1. The backends' own `log1p` takes the logarithm of the rounded sum, which loses the small e of pairs far on the right
 * side; multiplied by how much the sum was rounded it is exact (W. Kahan, HP-15C Advanced Functions Handbook).
 */
function logOfOnePlus(e: Tensor): Tensor {
  const sum = add(e, 1);
  const rounded = sub(sum, 1);
  return where(equal(rounded, 0), e, mul(log(sum), div(e, rounded)));
}

function tables(node: SigmoidLossNode, context: RunContext): { labels: Tensor; share: number } {
  const imageKeys = context.input(node.imageKeys);
  const { labels, samples } = pairLabels(imageKeys, context.input(node.textKeys));
  return { labels: tensor(labels, [imageKeys.length, imageKeys.length]), share: 1 / Math.max(1, samples) };
}
