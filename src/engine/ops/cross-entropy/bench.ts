import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { crossEntropyBackward, crossEntropyLoss, crossEntropyRows } from './kernels';

/** Cross-entropy of a classifier with as many classes as the step compares features. */
export const crossEntropyCases: BenchCases = ({ batch: rows, features: classes, target }) => {
  const shape = { rows, classes };
  const options = { rowWeights: false, classWeights: false, labelSmoothing: 0, focus: 0 };
  const targets = Int32Array.from({ length: rows }, (_, row) => (row * 7) % classes);
  const size = rows * classes;
  const inputs = (): [logits: tf.Tensor2D, oneHot: tf.Tensor] => [
    tf.randomUniform<tf.Rank.R2>([rows, classes], -3, 3),
    tf.oneHot(tf.tensor1d(targets, 'int32'), classes),
  ];
  const loss = (logits: tf.Tensor, oneHot: tf.Tensor): tf.Scalar =>
    tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(logits), oneHot), 1)));
  const { cooperative } = target;
  return [
    {
      kernel: 'cross-entropy',
      shape: `${rows}x${classes}`,
      flops: 8 * size,
      bytes: 4 * size,
      variants: [
        {
          name: 'default',
          kernels: [crossEntropyRows(shape, options, target), crossEntropyLoss(rows, { cooperative, scaled: false })],
        },
      ],
      contents: { targets, logits: size, statistics: 4 * rows, result: 4 },
      stock: () => {
        const values = inputs();
        return () => loss(...values);
      },
    },
    {
      kernel: 'cross-entropy, gradient',
      shape: `${rows}x${classes}`,
      flops: 8 * size,
      bytes: 8 * size,
      variants: [{ name: 'default', kernels: [crossEntropyBackward(shape, { ...options, accumulate: false })] }],
      contents: { targets, logits: size, d_logits: size, statistics: 4 * rows, result: Float32Array.of(1, 0, rows, 1) },
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const [logits, oneHot] = inputs();
        const gradient = tf.grad((x: tf.Tensor) => loss(x, oneHot));
        return () => gradient(logits);
      },
    },
  ];
};
