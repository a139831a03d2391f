import * as tf from '@tensorflow/tfjs-core';
import { copyElements } from '../../src/engine/kernels/elementwise';
import type { KernelCase } from '../../src/engine/ops/bench-case';

/** The sum of two gradients where no kernel could take it along, at the size of the residual stream. */
export function elementwiseCase(rows: number, columns: number): KernelCase {
  const count = rows * columns;
  return {
    kernel: 'sum of gradients',
    shape: `${rows}x${columns}`,
    flops: count,
    bytes: 12 * count,
    variants: [{ name: 'default', kernels: [copyElements(count, { accumulate: true })] }],
    stock: () => {
      const one = tf.randomUniform([rows, columns]);
      const other = tf.randomUniform([rows, columns]);
      return () => tf.add(one, other);
    },
  };
}
