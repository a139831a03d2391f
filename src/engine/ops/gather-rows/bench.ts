import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { gatherRowsBackward, gatherRowsForward } from './kernels';

/** Kept keys and values of each text in the order in which texts go on, and the gradient of that. */
export const gatherRowsCases: BenchCases = ({ batch, text: { width, tokens } }) => {
  const shape = { batch, sequences: batch, tokens, width: 2 * width };
  const index = Int32Array.from({ length: batch }, (_, row) => row >> 1);
  const size = 4 * batch * tokens * 2 * width;
  const name = `${batch}x${tokens}x${2 * width}`;
  const stockRows = (): tf.Tensor2D => tf.randomUniform<tf.Rank.R2>([batch, tokens * 2 * width]);
  return [
    {
      kernel: 'sequences in another order',
      shape: name,
      flops: 0,
      bytes: 2 * size,
      variants: [{ name: 'default', kernels: [gatherRowsForward(shape)] }],
      contents: { index_of: index },
      stock: () => {
        const x = stockRows();
        const rows = tf.tensor1d(index, 'int32');
        return () => tf.gather(x, rows);
      },
    },
    {
      kernel: 'sequences in another order, gradient',
      shape: name,
      flops: (size / 4) | 0,
      bytes: 2 * size,
      variants: [{ name: 'default', kernels: [gatherRowsBackward(shape, { accumulate: false })] }],
      contents: { index_of: index },
      stock: () => {
        const dy = stockRows();
        const rows = tf.tensor1d(index, 'int32');
        return () => tf.unsortedSegmentSum(dy, rows, batch);
      },
    },
  ];
};
