import * as tf from '@tensorflow/tfjs-core';
import { poolBackward, poolForward, type PoolShape } from './kernels';
import type { BenchCases, KernelCase } from '../bench-case';

/** Pooling of the class token and of the end-of-text token, and its gradient. */
export const poolCases: BenchCases = ({ batch, image, text }) => {
  const tokens = (image.pixels / image.patch) ** 2 + 1;
  const first = { batch, tokens, width: image.width, row: 'first' } as const;
  const indexed = { batch, tokens: text.tokens, width: text.width, row: 'indexed' } as const;
  return [...casesOf(first, new Int32Array(batch)), ...casesOf(indexed, text.ends)];
};

function casesOf(pool: PoolShape, indices: Int32Array<ArrayBuffer>): readonly KernelCase[] {
  const { batch, tokens, width, row } = pool;
  const indexed = row === 'indexed';
  const shape = `${batch}x${tokens}x${width}${indexed ? ', indexed' : ''}`;
  const rows = (): tf.Tensor1D =>
    tf.tensor1d(
      indices.map((index, sequence) => sequence * tokens + index),
      'int32',
    );
  return [
    {
      kernel: 'pool',
      shape,
      flops: 0,
      bytes: 8 * batch * width,
      variants: [{ name: 'default', kernels: [poolForward(pool)] }],
      contents: { x: batch * tokens * width, indices },
      stock: () => {
        const x = tf.randomUniform<tf.Rank.R3>([batch, tokens, width]);
        const pooled = rows();
        return indexed
          ? () => tf.gather(tf.reshape(x, [batch * tokens, width]), pooled)
          : () => tf.slice(x, [0, 0, 0], [batch, 1, width]);
      },
    },
    {
      kernel: 'pool, gradient',
      shape,
      flops: 0,
      bytes: 4 * batch * (tokens + 1) * width,
      variants: [{ name: 'default', kernels: [poolBackward(pool, { accumulate: false })] }],
      contents: { indices },
      stock: () => {
        const dy = tf.randomUniform<tf.Rank.R2>([batch, width]);
        const pooled = rows();
        return indexed
          ? () => tf.unsortedSegmentSum(dy, pooled, batch * tokens)
          : () =>
              tf.pad(tf.reshape(dy, [batch, 1, width]), [
                [0, 0],
                [0, tokens - 1],
                [0, 0],
              ]);
      },
    },
  ];
}
