import * as tf from '@tensorflow/tfjs-core';
import type { BenchCases } from '../bench-case';
import { writeRows } from './kernels';

/** Key and value of one token more for each text, kept beside those before it. */
export const writeRowsCases: BenchCases = ({ batch, text }) => {
  const [width, capacity] = [2 * text.width, text.tokens];
  const shape = { batch, tokens: 1, capacity, width, offsets: true };
  return [
    {
      kernel: 'rows written to a state',
      shape: `${batch}x1 of ${capacity}x${width}`,
      flops: 0,
      bytes: 8 * batch * width,
      variants: [{ name: 'default', kernels: [writeRows(shape)] }],
      contents: { x: batch * width, state: batch * capacity * width, offsets: text.ends },
      stock: () => {
        const x = tf.randomUniform<tf.Rank.R2>([batch, width]);
        const state = tf.randomUniform<tf.Rank.R2>([batch * capacity, width]);
        const rows = text.ends.map((end, sequence) => sequence * capacity + end);
        const places = tf.tensor2d(rows, [batch, 1], 'int32');
        return () => tf.tensorScatterUpdate(state, places, x);
      },
    },
  ];
};
