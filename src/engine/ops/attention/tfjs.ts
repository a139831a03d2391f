import {
  add,
  mul,
  reshape,
  softmax,
  stack,
  sub,
  sum,
  tensor,
  transpose,
  unstack,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { AttentionNode } from './node';
import { keepMask } from '../../tfjs/dropout';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import { matmul } from '../../tfjs/matmul';

/** Added to the score of a masked pair: far below any score, yet finite, as GPU arithmetic may not know infinities. */
const MASKED = -1e9;

/** Saves query, key, value, the probabilities and, with dropout, the mask. */
export const attention: OpRule<AttentionNode> = {
  saves: () => true,

  backwardReads: () => [],

  forward(node, context, keep) {
    const [q, k, v] = splitHeads(node, context.tensor(node.qkv));
    const scores = mul(matmul(q, k, false, true), node.headSize ** -0.5);
    const mask = scoreMask(node, context);
    const p = softmax(mask === null ? scores : add(scores, mask));
    const dropped = dropoutMask(node, context);
    const o = matmul(dropped === null ? p : mul(p, dropped), v);
    return { y: joinHeads(node, o), saved: keep ? [q, k, v, p, ...(dropped === null ? [] : [dropped])] : [] };
  },

  backward(node, dy, saved) {
    const { batch, tokens, heads, headSize } = node;
    const [q, k, v, p] = [0, 1, 2, 3].map((index) => savedTensor(saved, index)) as [Tensor, Tensor, Tensor, Tensor];
    const dropped = saved[4];
    const split = transpose(reshape(dy, [batch, tokens, heads, headSize]), [0, 2, 1, 3]);
    const dO = reshape(split, [batch * heads, tokens, headSize]);
    const dV = matmul(dropped === undefined ? p : mul(p, dropped), dO, true);
    const through = matmul(dO, v, false, true);
    const dP = dropped === undefined ? through : mul(through, dropped);
    const dS = mul(mul(p, sub(dP, sum(mul(dP, p), -1, true))), headSize ** -0.5);
    const parts = [matmul(dS, k), matmul(dS, q, true), dV];
    const stacked = stack(parts.map((part) => reshape(part, [batch, heads, tokens, headSize])));
    return [[node.qkv, reshape(transpose(stacked, [1, 3, 0, 2, 4]), [batch * tokens, 3 * heads * headSize])]];
  },
};

/** qkv `[batch * tokens, 3 * width]` to three times `[batch * heads, tokens, headSize]`. */
function splitHeads({ batch, tokens, heads, headSize }: AttentionNode, qkv: Tensor): [Tensor, Tensor, Tensor] {
  const apart = transpose(reshape(qkv, [batch, tokens, 3, heads, headSize]), [2, 0, 3, 1, 4]);
  return unstack(reshape(apart, [3, batch * heads, tokens, headSize])) as [Tensor, Tensor, Tensor];
}

function joinHeads({ batch, tokens, heads, headSize }: AttentionNode, o: Tensor): Tensor {
  const apart = transpose(reshape(o, [batch, heads, tokens, headSize]), [0, 2, 1, 3]);
  return reshape(apart, [batch * tokens, heads * headSize]);
}

/** `[1 or batch * heads, tokens, tokens]`, 0 where a query sees a key; null where it sees all. */
function scoreMask(node: AttentionNode, context: RunContext): Tensor | null {
  const { batch, tokens, heads, causal, lengths } = node;
  if (!causal && lengths === null) return null;
  const counts = lengths === null ? null : context.input(lengths);
  const planes = counts === null ? 1 : batch * heads;
  const mask = new Float32Array(planes * tokens * tokens);
  for (let plane = 0; plane < planes; plane++) {
    const limit = counts?.[Math.floor(plane / heads)] ?? tokens;
    for (let query = 0; query < tokens; query++) {
      const seen = causal ? Math.min(limit, query + 1) : limit;
      mask.fill(MASKED, (plane * tokens + query) * tokens + seen, (plane * tokens + query + 1) * tokens);
    }
  }
  return tensor(mask, [planes, tokens, tokens]);
}

function dropoutMask(node: AttentionNode, context: RunContext): Tensor | null {
  if (node.dropout === 0 || context.seed === null) return null;
  const { batch, tokens, heads } = node;
  const mask = keepMask(batch * heads * tokens * tokens, node.dropout, context.seed, node.y);
  return tensor(mask, [batch * heads, tokens, tokens]);
}
