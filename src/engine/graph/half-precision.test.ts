import { expect, test } from 'vitest';
import { GraphBuilder } from './builder';
import { halfPrecisionValues } from './half-precision';

test('a block keeps its inner activations in f16, and the residual stream and the features in f32', () => {
  const builder = new GraphBuilder();
  const weight = (name: string, ...shape: number[]) => builder.parameter(shape, { name, shape });
  const stream = builder.input('stream', 'f32', [10, 8]);
  const first = builder.layerNorm(stream, weight('norm.weight', 8), weight('norm.bias', 8), 1e-5);
  const normed = builder.layerNorm(first, weight('norm1.weight', 8), weight('norm1.bias', 8), 1e-5);
  const qkv = builder.linear(normed, weight('qkv', 24, 8));
  const attended = builder.attention(qkv, { batch: 2, heads: 2, causal: false, lengths: null });
  const after = builder.linear(attended, weight('out', 8, 8), { residual: first });
  const hidden = builder.linear(after, weight('up', 16, 8), { activation: 'gelu' });
  const last = builder.linear(hidden, weight('down', 8, 16), { residual: after });
  const pooled = builder.pool(last, null, 2);
  const projected = builder.linear(pooled, weight('projection', 4, 8));
  const graph = builder.build({
    features: builder.normalize(projected),
    hidden: builder.linear(last, weight('w', 2, 8)),
  });
  expect(halfPrecisionValues(graph)).toEqual(new Set([normed, qkv, attended, hidden]));
});
