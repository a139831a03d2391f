import * as tf from '@tensorflow/tfjs-core';
import { normalizeBackward, normalizeForward, type NormalizeShape } from '../../src/engine/ops/normalize/kernels';
import type { KernelTarget } from '../../src/engine/kernels/target';
import { normalized } from '../stock/model';
import type { KernelCase } from './kernel-case';

/** L2-normalisation of features and its gradient. */
export function normalizeCases(features: NormalizeShape, target: KernelTarget): readonly KernelCase[] {
  const { rows, columns } = features;
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
}
