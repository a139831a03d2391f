import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { elementLossBackward, elementLossRows, elementLossSum } from './kernels';

/** Binary cross-entropy over as many columns as the step compares features, and its gradient. */
export const elementLossCases: BenchCases = ({ batch: rows, features: columns, target }) => {
  const shape = { rows, columns };
  const options = { cost: 'binary', bend: 0, positive: false } as const;
  const size = rows * columns;
  const targets = Float32Array.from({ length: size }, (_, index) => index % 2);
  const loss = (z: tf.Tensor, t: tf.Tensor): tf.Scalar =>
    tf.mean(tf.add(tf.mul(t, tf.softplus(tf.neg(z))), tf.mul(tf.sub(1, t), tf.softplus(z))));
  const inputs = (): [tf.Tensor, tf.Tensor] => [
    tf.randomUniform([rows, columns], -3, 3),
    tf.tensor(targets, [rows, columns]),
  ];
  const { cooperative } = target;
  return [
    {
      kernel: 'loss of elements',
      shape: `${rows}x${columns}`,
      flops: 10 * size,
      bytes: 12 * size,
      variants: [
        {
          name: 'default',
          kernels: [elementLossRows(shape, options), elementLossSum(rows, { cooperative, scaled: false })],
        },
      ],
      contents: { targets, predicted: size, weights: size, statistics: 2 * rows, result: 4 },
      stock: () => {
        const values = inputs();
        return () => loss(...values);
      },
    },
    {
      kernel: 'loss of elements, gradient',
      shape: `${rows}x${columns}`,
      flops: 12 * size,
      bytes: 16 * size,
      variants: [{ name: 'default', kernels: [elementLossBackward(shape, { ...options, accumulate: false })] }],
      contents: {
        targets,
        predicted: size,
        weights: size,
        d_predicted: size,
        result: Float32Array.of(1, 0, size, 1),
      },
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const [z, t] = inputs();
        const gradient = tf.grad((x: tf.Tensor) => loss(x, t));
        return () => gradient(z);
      },
    },
  ];
};
