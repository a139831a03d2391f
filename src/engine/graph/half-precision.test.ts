import { expect, test } from 'vitest';
import { GraphBuilder } from './builder';
import { attention } from '../ops/attention/node';
import { layerNorm } from '../ops/layer-norm/node';
import { linear } from '../ops/linear/node';
import { normalize } from '../ops/normalize/node';
import { pool } from '../ops/pool/node';
import { halfPrecisionValues } from './half-precision';

test('a block keeps its inner activations in f16, and the residual stream and the features in f32', () => {
  const builder = new GraphBuilder();
  const weight = (name: string, ...shape: number[]) => builder.parameter(shape, { name, shape });
  const stream = builder.input('stream', 'f32', [10, 8]);
  const first = layerNorm(builder, stream, weight('norm.weight', 8), weight('norm.bias', 8), 1e-5);
  const normed = layerNorm(builder, first, weight('norm1.weight', 8), weight('norm1.bias', 8), 1e-5);
  const qkv = linear(builder, normed, weight('qkv', 24, 8));
  const attended = attention(builder, qkv, { batch: 2, heads: 2, causal: false, lengths: null });
  const after = linear(builder, attended, weight('out', 8, 8), { residual: first });
  const hidden = linear(builder, after, weight('up', 16, 8), { activation: 'gelu' });
  const last = linear(builder, hidden, weight('down', 8, 16), { residual: after });
  const pooled = pool(builder, last, null, 2);
  const projected = linear(builder, pooled, weight('projection', 4, 8));
  const graph = builder.build({
    features: normalize(builder, projected),
    hidden: linear(builder, last, weight('w', 2, 8)),
  });
  expect(halfPrecisionValues(graph)).toEqual(new Set([normed, qkv, attended, hidden]));
});
