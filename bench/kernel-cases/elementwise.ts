import * as tf from '@tensorflow/tfjs-core';
import { copyElements } from '../../src/engine/kernels/elementwise';
import { activationBackward } from '../../src/engine/ops/linear/kernels';
import type { KernelCase } from './kernel-case';

/**
 * What backward does element by element where nothing else could take it along: the product with the derivative of an activation, at the
 * size of an MLP's hidden layer, and the sum of two gradients, at the size of the residual stream.
 */
export function elementwiseCases(rows: number, hiddenSize: number, intermediateSize: number): readonly KernelCase[] {
  return [
    elementwiseCase('activation, gradient', [rows, intermediateSize], activationBackward, tf.mul),
    elementwiseCase(
      'sum of gradients',
      [rows, hiddenSize],
      (count) => copyElements(count, { accumulate: true }),
      tf.add,
    ),
  ];
}

function elementwiseCase(
  kernel: string,
  shape: readonly [rows: number, columns: number],
  make: typeof activationBackward,
  stock: typeof tf.mul,
): KernelCase {
  const count = shape[0] * shape[1];
  return {
    kernel,
    shape: shape.join('x'),
    flops: count,
    bytes: 12 * count,
    variants: [{ name: 'default', kernels: [make(count)] }],
    stock: () => {
      const one = tf.randomUniform([...shape]);
      const other = tf.randomUniform([...shape]);
      return () => stock(one, other);
    },
  };
}
