import { expandDims, mean, mul, pad, reshape, slice, tile } from '@tensorflow/tfjs-core';
import type { TokenMeanNode } from './node';
import type { OpRule } from '../../tfjs/rule';

export const tokenMean: OpRule<TokenMeanNode> = {
  saves: () => false,

  backwardReads: () => [],

  forward({ x, batch, tokens, skipped }, context) {
    const [, width = 0] = context.shape(x);
    const rows = reshape(context.tensor(x), [batch, tokens, width]);
    return { y: mean(slice(rows, [0, skipped, 0], [batch, tokens - skipped, width]), 1), saved: [] };
  },

  backward({ x, batch, tokens, skipped }, dy, _saved, _wanted, context) {
    const [, width = 0] = context.shape(x);
    const counted = tokens - skipped;
    const parts = tile(expandDims(mul(dy, 1 / counted), 1), [1, counted, 1]);
    const padded = pad(parts, [
      [0, 0],
      [skipped, 0],
      [0, 0],
    ]);
    return [[x, reshape(padded, [batch * tokens, width])]];
  },
};
