import {
  abs,
  add,
  clipByValue,
  div,
  lessEqual,
  mul,
  neg,
  pow,
  reshape,
  sigmoid,
  softplus,
  square,
  sub,
  sum,
  tensor,
  where,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { OpRule, RunContext } from '../../tfjs/rule';
import type { ElementLossNode } from './node';

export const elementLoss: OpRule<ElementLossNode> = {
  saves: () => false,

  backwardReads: ({ predicted, positiveWeights }) =>
    positiveWeights === null ? [predicted] : [predicted, positiveWeights],

  forward(node, context) {
    const { weights, mass } = massOf(node, context);
    return { y: reshape(div(sum(mul(weights, costOf(node, context))), mass), []), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    if (!wanted.has(node.predicted)) return [];
    const { weights, mass } = massOf(node, context);
    return [[node.predicted, mul(mul(weights, slopeOf(node, context)), div(dy, mass))]];
  },
};

/** The weights, and their sum or 1 where nothing counts. */
function massOf({ predicted, weights }: ElementLossNode, context: RunContext): { weights: Tensor; mass: number } {
  const given = Float32Array.from(context.input(weights));
  const mass = given.reduce((total, weight) => total + weight, 0);
  return { weights: tensor(given, [...context.shape(predicted)]), mass: mass > 0 ? mass : 1 };
}

function targetsOf({ predicted, targets }: ElementLossNode, context: RunContext): Tensor {
  return tensor(Float32Array.from(context.input(targets)), [...context.shape(predicted)]);
}

function costOf(node: ElementLossNode, context: RunContext): Tensor {
  const z = context.tensor(node.predicted);
  const t = targetsOf(node, context);
  if (node.cost === 'squared') return square(sub(z, t));
  if (node.cost === 'huber') {
    const d = abs(sub(z, t));
    const beyond = mul(sub(d, node.bend / 2), node.bend);
    return where(lessEqual(d, node.bend), mul(square(d), 0.5), beyond);
  }
  const positive = mul(spared(node, neg(z)), softplus(neg(z)));
  const negative = mul(spared(node, z), softplus(z));
  return add(mul(positives(node, t, context), positive), mul(sub(1, t), negative));
}

function slopeOf(node: ElementLossNode, context: RunContext): Tensor {
  const z = context.tensor(node.predicted);
  const t = targetsOf(node, context);
  if (node.cost === 'squared') return mul(sub(z, t), 2);
  if (node.cost === 'huber') return clipByValue(sub(z, t), -node.bend, node.bend);
  // How a term rises with its own logit; that of positives falls with z.
  const rise = (logit: Tensor): Tensor => {
    const p = sigmoid(logit);
    const more = mul(mul(sub(1, p), softplus(logit)), node.bend);
    return mul(spared(node, logit), add(p, more));
  };
  return sub(mul(sub(1, t), rise(z)), mul(positives(node, t, context), rise(neg(z))));
}

/** What the focus leaves of a term: `σ(logit)^γ`. */
function spared({ bend }: ElementLossNode, logit: Tensor): Tensor | number {
  return bend === 0 ? 1 : pow(sigmoid(logit), bend);
}

function positives({ positiveWeights }: ElementLossNode, t: Tensor, context: RunContext): Tensor {
  return positiveWeights === null ? t : mul(t, context.tensor(positiveWeights));
}
