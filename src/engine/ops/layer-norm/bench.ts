import * as tf from '@tensorflow/tfjs-core';
import {
  layerNormBackwardInput,
  layerNormBackwardParameters,
  layerNormForward,
  layerNormSlices,
  type LayerNormShape,
} from './kernels';
import { partialSumsTable, reducePartials } from '../../kernels/reduce-partials';
import type { KernelTarget } from '../../kernels/target';
import type { BenchCases, KernelCase } from '../bench-case';

/** Layer norm of each tower and its gradients. */
export const layerNormCases: BenchCases = ({ batch, towers, target }) =>
  towers.flatMap(({ tokens, hiddenSize }) => casesOf({ rows: batch * tokens, columns: hiddenSize }, target));

const epsilon = 1e-5;

function casesOf(layer: LayerNormShape, target: KernelTarget): readonly KernelCase[] {
  const { rows, columns } = layer;
  const shape = `${rows}x${columns}`;
  const size = 4 * rows * columns;
  const slices = layerNormSlices(layer, target);
  const sums = { slices, stride: 2 * columns, count: columns, accumulate: false };
  const table = partialSumsTable([
    { ...sums, partials: 0, gradient: 0 },
    { ...sums, partials: columns, gradient: columns },
  ]);
  return [
    {
      kernel: 'layer norm',
      shape,
      flops: 8 * rows * columns,
      bytes: 2 * size,
      variants: [{ name: 'default', kernels: [layerNormForward(layer, { epsilon, saveStatistics: true, target })] }],
      stock: () => {
        const { x, weight, bias } = stockInputs(layer);
        return () => normed(x, weight, bias);
      },
    },
    {
      kernel: 'layer norm, input gradient',
      shape,
      flops: 14 * rows * columns,
      bytes: 3 * size,
      variants: [{ name: 'default', kernels: [layerNormBackwardInput(layer, { accumulate: false, target })] }],
      // The tape needs the forward pass too, so its time is part of the stock figure.
      stock: () => {
        const { x, weight, bias, dy } = stockInputs(layer);
        const gradient = tf.grad((input) => normed(input, weight, bias));
        return () => gradient(x, dy);
      },
    },
    {
      kernel: 'layer norm, parameter gradients',
      shape,
      flops: 5 * rows * columns,
      bytes: 2 * size,
      variants: [{ name: 'default', kernels: [layerNormBackwardParameters(layer, { slices }), reducePartials(table)] }],
      contents: { table, partials: slices * 2 * columns, gradients: 2 * columns },
      // As above.
      stock: () => {
        const { x, weight, bias, dy } = stockInputs(layer);
        const gradients = tf.grads((scale: tf.Tensor, shift: tf.Tensor) => normed(x, scale, shift));
        return () => gradients([weight, bias], dy);
      },
    },
  ];
}

function normed(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const normal = tf.mul(centred, tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), epsilon)));
  return tf.add(tf.mul(normal, weight), bias);
}

function stockInputs({ rows, columns }: LayerNormShape): Record<'x' | 'weight' | 'bias' | 'dy', tf.Tensor> {
  return {
    x: tf.randomUniform([rows, columns]),
    weight: tf.ones([columns]),
    bias: tf.zeros([columns]),
    dy: tf.randomUniform([rows, columns]),
  };
}
