import {
  add,
  mul,
  reshape,
  softmax,
  stack,
  sub,
  sum,
  tensor,
  tile,
  transpose,
  unstack,
  type Tensor,
} from '@tensorflow/tfjs-core';
import type { ValueId } from '../../graph/value';
import { sourcesOf, type AttentionNode } from './node';
import { keepMask } from '../../tfjs/dropout';
import { savedTensor, type OpRule, type RunContext } from '../../tfjs/rule';
import { matmul } from '../../tfjs/matmul';

/** Added to the score of a masked pair: far below any score, yet finite, as GPU arithmetic may not know infinities. */
const maskedScore = -1e9;

/** Saves query, key, value, the probabilities and, with dropout, the mask. */
export const attention: OpRule<AttentionNode> = {
  saves: () => true,

  backwardReads: () => [],

  forward(node, context, keep) {
    const [q, k, v] = headsOf(node, context);
    const scores = mul(matmul(q, k, false, true), node.headSize ** -0.5);
    const mask = scoreMask(node, context);
    const p = softmax(mask === null ? scores : add(scores, mask));
    const dropped = dropoutMask(node, context);
    const o = matmul(dropped === null ? p : mul(p, dropped), v);
    return { y: joinHeads(node, [o]), saved: keep ? [q, k, v, p, ...(dropped === null ? [] : [dropped])] : [] };
  },

  backward(node, dy, saved, wanted, context) {
    const { batch, tokens, heads, headSize } = node;
    const [q, k, v, p] = [0, 1, 2, 3].map((index) => savedTensor(saved, index)) as [Tensor, Tensor, Tensor, Tensor];
    const dropped = saved[4];
    const [dO] = splitHeads(node, dy, 1) as [Tensor];
    const dV = matmul(dropped === undefined ? p : mul(p, dropped), dO, true);
    const through = matmul(dO, v, false, true);
    const dP = dropped === undefined ? through : mul(through, dropped);
    const dS = mul(mul(p, sub(dP, sum(mul(dP, p), -1, true))), headSize ** -0.5);
    const sources = sourcesOf(node);
    const [dQ, dK] = [matmul(dS, k), matmul(dS, q, true)];
    if (sources.kind === 'together') return [[sources.qkv, joinHeads(node, [dQ, dK, dV])]];
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(sources.query)) {
      const whole = context.shape(sources.query)[0] === batch * tokens;
      const dQuery = joinHeads(node, [dQ]);
      const summed = whole ? dQuery : sum(reshape(dQuery, [batch, tokens, heads * headSize]), 0);
      gradients.push([sources.query, summed]);
    }
    if (wanted.has(sources.keyValue)) gradients.push([sources.keyValue, joinHeads(node, [dK, dV])]);
    return gradients;
  },
};

type Three = [query: Tensor, key: Tensor, value: Tensor];

/** Queries, keys and values, `[batch * heads, tokens, headSize]` each. */
function headsOf(node: AttentionNode, context: RunContext): Three {
  const { batch, tokens } = node;
  const sources = sourcesOf(node);
  if (sources.kind === 'together') return splitHeads(node, context.tensor(sources.qkv), 3) as Three;
  const query = context.tensor(sources.query);
  const whole = query.shape[0] === batch * tokens ? query : tile(query, [batch, 1]);
  return [...splitHeads(node, whole, 1), ...splitHeads(node, context.tensor(sources.keyValue), 2)] as Three;
}

/** `[batch * rows, parts * width]` to its parts, `[batch * heads, rows, headSize]` each. */
function splitHeads({ batch, heads, headSize }: AttentionNode, x: Tensor, parts: number): Tensor[] {
  const rows = (x.shape[0] ?? 0) / batch;
  if (parts === 1) {
    const apart = transpose(reshape(x, [batch, rows, heads, headSize]), [0, 2, 1, 3]);
    return [reshape(apart, [batch * heads, rows, headSize])];
  }
  const apart = transpose(reshape(x, [batch, rows, parts, heads, headSize]), [2, 0, 3, 1, 4]);
  return unstack(reshape(apart, [parts, batch * heads, rows, headSize]));
}

/** The way back. */
function joinHeads({ batch, heads, headSize }: AttentionNode, parts: readonly Tensor[]): Tensor {
  const rows = parts[0]?.shape[1] ?? 0;
  const apart = parts.map((part) => reshape(part, [batch, heads, rows, headSize]));
  const [only] = apart;
  const joined =
    apart.length === 1 && only !== undefined ? transpose(only, [0, 2, 1, 3]) : transpose(stack(apart), [1, 3, 0, 2, 4]);
  return reshape(joined, [batch * rows, parts.length * heads * headSize]);
}

/** `[1 or batch * heads, tokens, keys]`, 0 where a query sees a key; null where it sees all. */
function scoreMask(node: AttentionNode, context: RunContext): Tensor | null {
  const { batch, tokens, keys, heads, causal, lengths, offsets } = node;
  if (!causal && lengths === null) return null;
  const counts = lengths === null ? null : context.input(lengths);
  const firsts = offsets === null ? null : context.input(offsets);
  const planes = counts === null && firsts === null ? 1 : batch * heads;
  const mask = new Float32Array(planes * tokens * keys);
  for (let plane = 0; plane < planes; plane++) {
    const sequence = Math.floor(plane / heads);
    const limit = Math.min(keys, counts?.[sequence] ?? keys);
    for (let query = 0; query < tokens; query++) {
      const seen = causal ? Math.min(limit, (firsts?.[sequence] ?? 0) + query + 1) : limit;
      mask.fill(maskedScore, (plane * tokens + query) * keys + seen, (plane * tokens + query + 1) * keys);
    }
  }
  return tensor(mask, [planes, tokens, keys]);
}

function dropoutMask(node: AttentionNode, context: RunContext): Tensor | null {
  if (node.dropout === 0 || context.seed === null) return null;
  const { batch, tokens, keys, heads } = node;
  const mask = keepMask(batch * heads * tokens * keys, node.dropout, context.seed, node.y);
  return tensor(mask, [batch * heads, tokens, keys]);
}
