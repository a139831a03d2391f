import * as tf from '@tensorflow/tfjs-core';
import { positionsBackward, tokenEmbeddingBackwardTable, tokenEmbeddingForward, tokenLinks } from './kernels';
import type { BenchCases } from '../bench-case';

/** Token and position embedding of captions, most of them shorter than the longest, and the gradients of both tables. */
export const tokenEmbeddingCases: BenchCases = ({ batch, text: { width, tokens, vocabulary, ids } }) => {
  const places = batch * tokens;
  const shape = { batch, tokens, width, vocabulary };
  const size = 4 * places * width;
  const name = `${batch}x${tokens}x${width} of ${vocabulary}`;
  const stockIds = (): tf.Tensor1D => tf.tensor1d(ids, 'int32');
  return [
    {
      kernel: 'token and position embedding',
      shape: name,
      flops: places * width,
      bytes: 2 * size + 4 * tokens * width,
      variants: [{ name: 'default', kernels: [tokenEmbeddingForward(shape)] }],
      contents: { ids, table: vocabulary * width },
      stock: () => {
        const table = tf.randomUniform<tf.Rank.R2>([vocabulary, width]);
        const positions = tf.randomUniform([tokens, width]);
        const rows = stockIds();
        return () => tf.add(tf.reshape(tf.gather(table, rows), [batch, tokens, width]), positions);
      },
    },
    {
      kernel: 'token embedding, gradient',
      shape: name,
      flops: places * width,
      bytes: size + 4 * vocabulary * width,
      variants: [
        { name: 'default', kernels: [tokenLinks(shape), tokenEmbeddingBackwardTable(shape, { accumulate: false })] },
      ],
      contents: { ids, links: linksOf(ids), d_table: vocabulary * width },
      cleared: ['d_table'],
      // Adds with atomics, so not the same from run to run.
      stock: () => {
        const dy = tf.randomUniform<tf.Rank.R2>([places, width]);
        const rows = stockIds();
        return () => tf.unsortedSegmentSum(dy, rows, vocabulary);
      },
    },
    {
      kernel: 'position embedding, gradient',
      shape: `${batch}x${tokens}x${width}`,
      flops: places * width,
      bytes: size + 4 * tokens * width,
      variants: [{ name: 'default', kernels: [positionsBackward(shape, { accumulate: false })] }],
      stock: () => {
        const dy = tf.randomUniform([batch, tokens, width]);
        return () => tf.sum(dy, 0);
      },
    },
  ];
};

/** What `tokenLinks` computes. */
function linksOf(ids: Int32Array): Uint32Array<ArrayBuffer> {
  const links = new Uint32Array(2 * ids.length);
  const next = new Map<number, number>();
  for (const [place, id] of [...ids.entries()].reverse()) {
    const following = next.get(id);
    links[2 * place] = 1;
    links[2 * place + 1] = following ?? ids.length;
    if (following !== undefined) links[2 * following] = 0;
    next.set(id, place);
  }
  return links;
}
