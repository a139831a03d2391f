import * as tf from '@tensorflow/tfjs-core';
import { normalizeBackward, normalizeForward } from './kernels';
import type { BenchCases } from '../bench-case';

/** L2-normalisation of features and its gradient. */
export const normalizeCases: BenchCases = ({ batch: rows, features: columns, target }) => {
  const features = { rows, columns };
  const shape = `${rows}x${columns}`;
  const size = 4 * rows * columns;
  return [
    {
      kernel: 'L2-normalise',
      shape,
      flops: 3 * rows * columns,
      bytes: 2 * size,
      variants: [{ name: 'default', kernels: [normalizeForward(features, { target })] }],
      stock: () => {
        const x = tf.randomUniform([rows, columns]);
        return () => normalized(x);
      },
    },
    {
      kernel: 'L2-normalise, gradient',
      shape,
      flops: 8 * rows * columns,
      bytes: 3 * size,
      variants: [{ name: 'default', kernels: [normalizeBackward(features, { accumulate: false, target })] }],
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const x = tf.randomUniform([rows, columns]);
        const dy = tf.randomUniform([rows, columns]);
        const gradient = tf.grad(normalized);
        return () => gradient(x, dy);
      },
    },
  ];
};

/** Rows of length 1. */
export function normalized(x: tf.Tensor): tf.Tensor2D {
  return tf.div(x, tf.sqrt(tf.sum(tf.square(x), 1, true)));
}
