import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { tokenMeanBackward, tokenMeanForward } from './kernels';

/** The mean of the patches of pictures, without the class token, and its gradient. */
export const tokenMeanCases: BenchCases = ({ batch, image: { width, pixels, patch } }) => {
  const patches = (pixels / patch) ** 2;
  const tokens = patches + 1;
  const shape = { batch, tokens, width, skipped: 1 };
  const name = `${batch}x${tokens}x${width}`;
  const size = batch * tokens * width;
  return [
    {
      kernel: 'mean of tokens',
      shape: name,
      flops: size,
      bytes: 4 * (size + batch * width),
      variants: [{ name: 'default', kernels: [tokenMeanForward(shape)] }],
      contents: { x: size },
      stock: () => {
        const x = tf.randomUniform<tf.Rank.R3>([batch, tokens, width]);
        return () => tf.mean(tf.slice(x, [0, 1, 0], [batch, patches, width]), 1);
      },
    },
    {
      kernel: 'mean of tokens, gradient',
      shape: name,
      flops: size,
      bytes: 4 * (size + batch * width),
      variants: [{ name: 'default', kernels: [tokenMeanBackward(shape, { accumulate: false })] }],
      contents: { dy: batch * width, d_x: size },
      stock: () => {
        const dy = tf.randomUniform<tf.Rank.R3>([batch, 1, width]);
        const before: [number, number][] = [
          [0, 0],
          [1, 0],
          [0, 0],
        ];
        return () => tf.pad(tf.tile(tf.div(dy, patches), [1, patches, 1]), before);
      },
    },
  ];
};
