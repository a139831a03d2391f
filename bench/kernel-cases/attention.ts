import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../../src/engine/device';
import { attentionBackward, attentionForward } from '../../src/engine/ops/attention/kernels';
import {
  attentionVariantName,
  type AttentionShape,
  type AttentionVariant,
} from '../../src/engine/ops/attention/problem';
import type { Kernel } from '../../src/engine/kernels/kernel';
import { attentionCandidates } from '../../src/engine/ops/attention/candidates';
import type { KernelCase } from './kernel-case';

/** Parts of a dispatch take as long as the first one. */
export const firstPart = { part: new Uint32Array([0]) };

/** Attention of one tower and its gradient. */
export function attentionCases(engine: EngineDevice, shape: AttentionShape, causal: boolean): readonly KernelCase[] {
  const { batch, tokens, heads, headSize } = shape;
  const variants = attentionCandidates(engine);
  const options = { causal, lengths: false, dropout: 0, salt: 0 };
  const named = (kernels: (variant: AttentionVariant) => readonly Kernel[]): KernelCase['variants'] =>
    variants.map((variant) => ({ name: attentionVariantName(variant), kernels: kernels(variant) }));
  const name = `${batch}x${tokens} tokens, ${heads}x${headSize}${causal ? ', causal' : ''}`;
  const product = 2 * batch * heads * tokens * tokens * headSize * (causal ? 0.5 : 1);
  const matrix = 4 * batch * tokens * heads * headSize;
  const attend = (query: tf.Tensor, key: tf.Tensor, value: tf.Tensor): tf.Tensor => {
    const scores = tf.mul(tf.matMul(query, key, false, true), headSize ** -0.5);
    const mask = causal ? tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)), -1e9) : null;
    return tf.matMul(tf.softmax(mask === null ? scores : tf.add(scores, mask)), value);
  };
  const parts = (): [tf.Tensor, tf.Tensor, tf.Tensor] => {
    const part = (): tf.Tensor => tf.randomUniform([batch, heads, tokens, headSize]);
    return [part(), part(), part()];
  };
  return [
    {
      kernel: 'attention',
      shape: name,
      flops: 2 * product,
      bytes: 4 * matrix,
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
      bytes: 8 * matrix,
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
