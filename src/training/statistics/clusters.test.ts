import { expect, test } from 'vitest';
import { createRandom } from '../random';
import { clustersOf } from './clusters';

const width = 16;

/** Unit vectors around some axes, with noise of that size. */
function around(axes: readonly number[], noise: number, seed = 5): Float32Array {
  const random = createRandom(seed);
  const rows = axes.map((axis) => {
    const row = Array.from({ length: width }, (_, at) => Number(at === axis) + noise * (random() - 0.5));
    const norm = Math.hypot(...row);
    return row.map((value) => value / norm);
  });
  return Float32Array.from(rows.flat());
}

test('finds the groups that are there, the largest first, and the same ones again', async () => {
  const vectors = around([0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 0], 0.4);
  const clusters = await clustersOf(vectors, width);
  expect(clusters.map(({ members }) => [...members].sort((a, b) => a - b))).toEqual([
    [0, 3, 6, 9, 11],
    [1, 4, 7, 10],
    [2, 5, 8],
  ]);
  expect(Math.hypot(...(clusters[0]?.centre ?? []))).toBeCloseTo(1, 5);
  expect(await clustersOf(vectors, width)).toEqual(clusters);
});

test('one or two of a kind are no group', async () => {
  const clusters = await clustersOf(around([0, 0, 0, 0, 0, 0, 0, 7], 0.2), width);
  expect(clusters.every(({ members }) => members.length >= 3)).toBe(true);
  expect(await clustersOf(around([0, 1], 0.1), width)).toEqual([]);
});

test('where nothing stands apart, all are one group', async () => {
  const same = Array.from({ length: 20 }, () => 3);
  const clusters = await clustersOf(around(same, 0), width);
  expect(clusters.map(({ members }) => members.length)).toEqual([20]);
});

test('what is asked for in between may end it', async () => {
  const stop = (): Promise<void> => Promise.reject(new Error('enough'));
  await expect(clustersOf(around([0, 1, 0, 1, 0, 1], 0.2), width, stop)).rejects.toThrow('enough');
});
