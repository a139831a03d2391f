import {
  add,
  div,
  exp,
  logSoftmax,
  maximum,
  mul,
  neg,
  oneHot,
  pow,
  reshape,
  sub,
  sum,
  tensor,
  type Tensor,
} from '@tensorflow/tfjs-core';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import type { CrossEntropyNode } from './node';

/** Saves the log-probabilities. */
export const crossEntropy: OpRule<CrossEntropyNode> = {
  saves: () => true,

  backwardReads: ({ rowWeights, classWeights }) => [rowWeights, classWeights].filter((id) => id !== null),

  forward(node, context, keep) {
    const logProbabilities = logSoftmax(context.tensor(node.logits));
    const { hit, spread, mass } = terms(node, context);
    const weighted = node.focus === 0 ? hit : mul(hit, sparedBy(node.focus, logProbabilities));
    // Of each row first: added one by one to the sum of all rows, as the WASM backend does, the small terms of many classes would be lost.
    const ofRows = sum(mul(add(weighted, spread), logProbabilities), -1);
    const y = div(neg(sum(ofRows)), mass);
    return { y: reshape(y, []), saved: keep ? [logProbabilities] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    if (!wanted.has(node.logits)) return [];
    const probabilities = exp(savedTensor(saved, 0));
    const { hit, spread, mass } = terms(node, context);
    const { focus } = node;
    const target = focus === 0 ? add(hit, spread) : mul(hit, focusedPull(focus, savedTensor(saved, 0)));
    const pull = sum(target, -1, true);
    return [[node.logits, mul(sub(mul(probabilities, pull), target), div(dy, mass))]];
  },
};

/** What the focus γ leaves of a term: `(1 - p)^γ`. */
function sparedBy(focus: number, logProbabilities: Tensor): Tensor {
  return pow(maximum(sub(1, exp(logProbabilities)), tiny), focus);
}

/** What a target of focus γ pulls with, in place of 1: the term that is left, and how it changes with p. */
function focusedPull(focus: number, logProbabilities: Tensor): Tensor {
  const p = exp(logProbabilities);
  const rest = maximum(sub(1, p), tiny);
  const change = mul(mul(p, pow(rest, focus - 1)), mul(logProbabilities, -focus));
  return add(pow(rest, focus), change);
}

/** Keeps powers of what is left beside certainty finite. */
const tiny = 1e-30;

/**
 * The weights of the log-probabilities `[rows, classes]`: those of the target classes, and those that label smoothing spreads over all; and
 * what the loss is divided by: their sum, or 1 where no row counts or nothing is to be divided.
 */
function terms(node: CrossEntropyNode, context: RunContext): { hit: Tensor; spread: Tensor; mass: number } {
  const { targets, rowWeights, classWeights, labelSmoothing } = node;
  const [rows = 0, classes = 0] = context.shape(node.logits);
  const given = context.input(targets);
  const rowWeight = rowWeights === null ? null : context.input(rowWeights);
  const rowMass = Float32Array.from({ length: rows }, (_, row) =>
    (given[row] ?? -1) < 0 ? 0 : (rowWeight?.[row] ?? 1),
  );
  const counted = tensor(rowMass, [rows, 1]);
  const classMass =
    classWeights === null ? tensor(new Float32Array(classes).fill(1), [classes]) : context.tensor(classWeights);
  const classOf = tensor(
    Int32Array.from({ length: rows }, (_, row) => Math.max(0, given[row] ?? 0)),
    [rows],
    'int32',
  );
  const weighted = mul(mul(oneHot(classOf, classes), classMass), counted);
  const mass = sum(weighted).dataSync<'float32'>()[0] ?? 0;
  return {
    hit: mul(weighted, 1 - labelSmoothing),
    spread: mul(mul(counted, classMass), labelSmoothing / classes),
    mass: mass > 0 && node.reduction === 'mean' ? mass : 1,
  };
}
