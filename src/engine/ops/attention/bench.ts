import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../../device';
import { attentionBackward, attentionForward } from './kernels';
import { attentionVariantName, type AttentionShape, type AttentionVariant } from './problem';
import type { Kernel } from '../../kernels/kernel';
import { attentionCandidates } from './candidates';
import type { BenchCases, KernelCase } from '../bench-case';

/** Parts of a dispatch take as long as the first one. */
export const firstPart = { part: new Uint32Array([0]) };

/** Attention of each tower and its gradient, and a query that all pictures share, as in a pooling head. */
export const attentionCases: BenchCases = ({ engine, batch, towers }) => [
  ...towers.flatMap(({ tokens, heads, hiddenSize, causal }) =>
    casesOf(engine, { batch, tokens, heads, headSize: hiddenSize / heads }, causal),
  ),
  ...towers.slice(0, 1).flatMap(({ tokens, heads, hiddenSize }) => {
    const apart = { keys: tokens, sharedQueries: true };
    return casesOf(engine, { batch, tokens: 1, heads, headSize: hiddenSize / heads, apart }, false);
  }),
];

function casesOf(engine: EngineDevice, shape: AttentionShape, causal: boolean): readonly KernelCase[] {
  const { batch, tokens, heads, headSize, apart } = shape;
  const keys = apart?.keys ?? tokens;
  const variants = attentionCandidates(engine);
  const options = { causal, lengths: false, dropout: 0, salt: 0 };
  const named = (kernels: (variant: AttentionVariant) => readonly Kernel[]): KernelCase['variants'] =>
    variants.map((variant) => ({ name: attentionVariantName(variant), kernels: kernels(variant) }));
  const name = `${batch}x${tokens} tokens${apart === undefined ? '' : ` to ${keys}`}, ${heads}x${headSize}${causal ? ', causal' : ''}`;
  const product = 2 * batch * heads * tokens * keys * headSize * (causal ? 0.5 : 1);
  const matrix = 4 * batch * heads * headSize;
  const attend = (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): tf.Tensor => {
    const scores = tf.mul(tf.matMul(query, key, false, true), headSize ** -0.5);
    const mask = causal ? tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)), -1e9) : null;
    return tf.matMul(tf.softmax(mask === null ? scores : tf.add(scores, mask)), value);
  };
  const parts = (): [tf.Tensor, tf.Tensor, tf.Tensor] => {
    const part = (count: number): tf.Tensor => tf.randomUniform([batch, heads, count, headSize]);
    return [part(tokens), part(keys), part(keys)];
  };
  return [
    {
      kernel: 'attention',
      shape: name,
      flops: 2 * product,
      bytes: (2 * tokens + 2 * keys) * matrix,
      contents: firstPart,
      variants: named((variant) => [attentionForward(shape, { ...options, saveLogSumExp: true }, variant)]),
      stock: () => {
        const inputs = parts();
        return () => attend(...inputs);
      },
    },
    {
      kernel: 'attention, gradient',
      shape: name,
      flops: 5 * product,
      bytes: (4 * tokens + 4 * keys) * matrix,
      contents: firstPart,
      variants: named((variant) => attentionBackward(shape, options, variant)),
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const inputs = parts();
        const gradient = tf.grads((query: tf.Tensor, key: tf.Tensor, value: tf.Tensor) =>
          tf.sum(attend(query, key, value)),
        );
        return () => gradient(inputs);
      },
    },
  ];
}
