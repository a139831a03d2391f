import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { gateBackward, gateForward } from './kernels';

/** A gate between the features of pictures and words, and its gradients. */
export const gateCases: BenchCases = ({ batch: rows, features: columns }) => {
  const count = rows * columns;
  const shape = `${rows}x${columns}`;
  const mixed = (gate: tf.Tensor, a: tf.Tensor, b: tf.Tensor): tf.Tensor => {
    const share = tf.sigmoid(gate);
    return tf.add(tf.mul(share, a), tf.mul(tf.sub(1, share), b));
  };
  const inputs = (): [tf.Tensor, tf.Tensor, tf.Tensor] => [
    tf.randomUniform([rows, columns]),
    tf.randomUniform([rows, columns]),
    tf.randomUniform([rows, columns]),
  ];
  return [
    {
      kernel: 'gate',
      shape,
      flops: 6 * count,
      bytes: 16 * count,
      variants: [{ name: 'default', kernels: [gateForward(count)] }],
      contents: { gate: count, a: count, b: count },
      stock: () => {
        const values = inputs();
        return () => mixed(...values);
      },
    },
    {
      kernel: 'gate, gradients',
      shape,
      flops: 10 * count,
      bytes: 28 * count,
      variants: [{ name: 'default', kernels: [gateBackward(count, { gate: 'write', a: 'write', b: 'write' })] }],
      contents: { gate: count, a: count, b: count, dy: count, d_gate: count, d_a: count, d_b: count },
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const values = inputs();
        const gradients = tf.grads((gate: tf.Tensor, a: tf.Tensor, b: tf.Tensor) => mixed(gate, a, b));
        return () => gradients(values);
      },
    },
  ];
};
