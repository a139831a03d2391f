import * as tf from '@tensorflow/tfjs-core';
import { imageTokensBackward, imageTokensForward } from './kernels';
import type { BenchCases } from '../bench-case';

/** Class token and positions of the image tower, and all their gradients. */
export const imageTokensCases: BenchCases = ({ batch, image: { width, pixels, patch } }) => {
  const patches = (pixels / patch) ** 2;
  const tokens = patches + 1;
  const layer = { batch, patches, width, classToken: true };
  const shape = `${batch}x${patches}x${width}`;
  const bytes = 4 * (batch * (patches + tokens) * width + (tokens + 1) * width);
  return [
    {
      kernel: 'image tokens',
      shape,
      flops: batch * tokens * width,
      bytes,
      variants: [{ name: 'default', kernels: [imageTokensForward(layer)] }],
      stock: () => {
        const embedded = tf.randomUniform([batch, patches, width]);
        const classEmbedding = tf.randomUniform([1, 1, width]);
        const positions = tf.randomUniform([tokens, width]);
        return () => tf.add(tf.concat([tf.tile(classEmbedding, [batch, 1, 1]), embedded], 1), positions);
      },
    },
    {
      kernel: 'image tokens, gradients',
      shape,
      flops: batch * tokens * width,
      bytes,
      variants: [
        {
          name: 'default',
          kernels: [imageTokensBackward(layer, { patches: 'write', classEmbedding: 'write', positions: 'write' })],
        },
      ],
      stock: () => {
        const dy = tf.randomUniform<tf.Rank.R3>([batch, tokens, width]);
        return () => [
          tf.slice(dy, [0, 1, 0], [batch, patches, width]),
          tf.sum(tf.slice(dy, [0, 0, 0], [batch, 1, width]), 0),
          tf.sum(dy, 0),
        ];
      },
    },
  ];
};
