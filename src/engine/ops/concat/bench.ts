import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { concatBackward, concatForward } from './kernels';

/** The features of pictures and words side by side, and the gradient of one part. */
export const concatCases: BenchCases = ({ batch: rows, features: width }) => {
  const shape = { rows, left: width, right: width };
  const name = `${rows}x${width}+${width}`;
  const size = rows * width;
  return [
    {
      kernel: 'concat',
      shape: name,
      flops: 0,
      bytes: 16 * size,
      variants: [{ name: 'default', kernels: [concatForward(shape)] }],
      contents: { left: size, right: size },
      stock: () => {
        const parts = [tf.randomUniform<tf.Rank.R2>([rows, width]), tf.randomUniform<tf.Rank.R2>([rows, width])];
        return () => tf.concat(parts, 1);
      },
    },
    {
      kernel: 'concat, gradient of a part',
      shape: name,
      flops: 0,
      bytes: 8 * size,
      variants: [{ name: 'default', kernels: [concatBackward(shape, { part: 'right', accumulate: false })] }],
      contents: { dy: 2 * size, d_x: size },
      stock: () => {
        const dy = tf.randomUniform<tf.Rank.R2>([rows, 2 * width]);
        return () => tf.slice(dy, [0, width], [rows, width]);
      },
    },
  ];
};
