import { add, gather, mul, pad, reshape, scatterND, slice, sum, tensor, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError } from '../../executor';
import type { ValueId } from '../../graph/value';
import type { TokenEmbeddingNode } from './node';
import type { OpRule, RunContext } from '../../tfjs/rule';

export const tokenEmbedding: OpRule<TokenEmbeddingNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward(node, context) {
    const { batch, tokens, width } = extents(node, context);
    const rows = gather(context.tensor(node.table), context.tensor(node.ids));
    const positions = context.tensor(node.positions);
    const places = placesOf(node, context);
    const added =
      places === null
        ? slice(positions, [0, 0], [tokens, width])
        : reshape(gather(positions, tensor(places, [places.length], 'int32')), [batch, tokens, width]);
    return { y: reshape(add(rows, added), [batch * tokens, width]), saved: [] };
  },

  backward(node, dy, _saved, wanted, context) {
    const { batch, tokens, width } = extents(node, context);
    const gradients: [ValueId, Tensor][] = [];
    if (wanted.has(node.table)) {
      const ids = tensor(context.input(node.ids), [batch * tokens, 1], 'int32');
      const [vocabulary = 0] = context.shape(node.table);
      gradients.push([node.table, scatterND(ids, withoutPadding(node, dy, context), [vocabulary, width])]);
    }
    if (wanted.has(node.positions)) {
      const [places = 0] = context.shape(node.positions);
      const rows = placesOf(node, context);
      if (rows !== null) {
        const at = tensor(rows, [rows.length, 1], 'int32');
        return [...gradients, [node.positions, scatterND(at, dy, [places, width])]];
      }
      const used = sum(reshape(dy, [batch, tokens, width]), 0);
      gradients.push([
        node.positions,
        pad(used, [
          [0, places - tokens],
          [0, 0],
        ]),
      ]);
    }
    return gradients;
  },
};

/** The gradient with zeros where padding was looked up. */
export function withoutPadding({ ids, padding }: TokenEmbeddingNode, dy: Tensor, context: RunContext): Tensor {
  const given = context.input(ids);
  if (padding === null || !given.includes(padding)) return dy;
  const kept = Float32Array.from(given, (id) => (id === padding ? 0 : 1));
  return mul(dy, tensor(kept, [kept.length, 1]));
}

/** The position of each token, where sequences have offsets. */
export function placesOf(node: TokenEmbeddingNode, context: RunContext): Int32Array | null {
  if (node.offsets === null) return null;
  const { batch, tokens } = extents(node, context);
  const [places = 0] = context.shape(node.positions);
  const offsets = context.input(node.offsets);
  return Int32Array.from({ length: batch * tokens }, (_, token) => {
    const first = offsets[Math.floor(token / tokens)] ?? 0;
    if (first < 0 || first + tokens > places) {
      throw new EngineError(
        'validation',
        `There are ${places} positions and no room for ${tokens} tokens from ${first}.`,
      );
    }
    return first + (token % tokens);
  });
}

export function extents(
  node: TokenEmbeddingNode,
  context: RunContext,
): { batch: number; tokens: number; width: number } {
  const [batch = 0, tokens = 0] = context.shape(node.ids);
  const [, width = 0] = context.shape(node.table);
  return { batch, tokens, width };
}
