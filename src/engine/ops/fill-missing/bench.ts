import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { fillMissingBackward, fillMissingFill, fillMissingForward, fillMissingSlices } from './kernels';

/** One row in the place of every fourth picture's tokens, and the gradients. */
export const fillMissingCases: BenchCases = ({ batch, image: { width, pixels, patch } }) => {
  const tokens = (pixels / patch) ** 2 + 1;
  const shape = { batch, tokens, width };
  const name = `${batch}x${tokens}x${width}`;
  const size = batch * tokens * width;
  const present = Int32Array.from({ length: batch }, (_, sample) => (sample % 4 === 3 ? 0 : 1));
  const slices = fillMissingSlices(shape);
  const there = (): tf.Tensor => tf.tensor(Float32Array.from(present), [batch, 1, 1]);
  return [
    {
      kernel: 'fill missing samples',
      shape: name,
      flops: 0,
      bytes: 8 * size,
      variants: [{ name: 'default', kernels: [fillMissingForward(shape)] }],
      contents: { present, x: size, fill: width },
      stock: () => {
        const x = tf.randomUniform<tf.Rank.R3>([batch, tokens, width]);
        const fill = tf.randomUniform([1, 1, width]);
        const mask = there();
        return () => tf.add(tf.mul(mask, x), tf.mul(tf.sub(1, mask), fill));
      },
    },
    {
      kernel: 'fill missing samples, gradients',
      shape: name,
      flops: size,
      bytes: 12 * size,
      variants: [
        {
          name: 'default',
          kernels: [fillMissingBackward(shape, { accumulate: false }), fillMissingFill(shape, { slices })],
        },
      ],
      contents: { present, dy: size, d_x: size, partials: slices * width },
      stock: () => {
        const dy = tf.randomUniform<tf.Rank.R3>([batch, tokens, width]);
        const mask = there();
        return () => [tf.mul(mask, dy), tf.sum(tf.mul(tf.sub(1, mask), dy), [0, 1])];
      },
    },
  ];
};
