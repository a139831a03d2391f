import * as tf from '@tensorflow/tfjs-core';
import type { EngineDevice } from '../../device';
import type { Kernel } from '../../kernels/kernel';
import { activationBackward, linearBackwardWeight, linearForward, type LinearPass, type LinearShape } from './kernels';
import { positionsBackward } from '../token-embedding/kernels';
import { variantName, type MatmulVariant } from './matmul-problem';
import { matmulCandidates } from './candidates';
import { taskKernel } from './tuning';
import type { BenchCases, BenchTower, KernelCase } from '../bench-case';

/**
 * The linear layers of a block: their products alone, and as a step runs them, with what is fused into them; and the product with the derivative
 * of an activation where nothing else takes it along.
 */
export const linearCases: BenchCases = ({ engine, batch, towers }) =>
  towers.flatMap((tower) => casesOf(engine, tower, batch * tower.tokens));

function casesOf(
  engine: EngineDevice,
  { hiddenSize, intermediateSize, activation }: BenchTower,
  rows: number,
): readonly KernelCase[] {
  const qkv: LinearShape = { rows, inner: hiddenSize, columns: 3 * hiddenSize };
  const out: LinearShape = { rows, inner: hiddenSize, columns: hiddenSize };
  const fc1: LinearShape = { rows, inner: hiddenSize, columns: intermediateSize };
  const fc2: LinearShape = { rows, inner: intermediateSize, columns: hiddenSize };
  const passes = ['forward', 'input', 'weight'] as const;
  return [
    ...[qkv, out, fc1, fc2].flatMap((shape) => passes.map((pass) => productCase(engine, pass, shape))),
    activatedCase(engine, fc1, activation),
    residualCase(engine, fc2),
    ...[fc1, fc2].map((shape) => biasGradientCase(engine, shape)),
    biasAloneCase(fc1),
    activationCase(rows, intermediateSize),
  ];
}

const productNames: Readonly<Record<LinearPass, string>> = {
  forward: 'linear',
  input: 'linear, input gradient',
  weight: 'linear, weight gradient',
};

function productCase(engine: EngineDevice, pass: LinearPass, shape: LinearShape): KernelCase {
  return {
    ...productFigures(productNames[pass], shape),
    variants: variantsOf(engine, pass, shape, (variant) => taskKernel({ pass, shape }, variant)),
    stock: () => {
      const { x, weight, dy } = stockInputs(shape);
      const run = {
        forward: () => tf.matMul(x, weight, false, true),
        input: () => tf.matMul(dy, weight),
        weight: () => tf.matMul(dy, x, true),
      };
      return run[pass];
    },
  };
}

function activatedCase(engine: EngineDevice, shape: LinearShape, activation: BenchTower['activation']): KernelCase {
  const options = { bias: true, residual: false, activation, saveDerivative: true };
  const { bytes, ...figures } = productFigures('linear with bias and activation', shape);
  return {
    ...figures,
    bytes: bytes + 4 * shape.rows * shape.columns,
    variants: variantsOf(engine, 'forward', shape, (variant) => linearForward(shape, options, variant)),
    contents: signedWeights(shape),
    // The tape keeps the pre-activation and differentiates later, where Vernier's kernel stores the derivative.
    stock: () => {
      const { x, weight, bias } = stockInputs(shape);
      return () => {
        const z = tf.add(tf.matMul(x, weight, false, true), bias);
        return activation === 'quick_gelu'
          ? tf.mul(z, tf.sigmoid(tf.mul(z, 1.702)))
          : tf.mul(tf.mul(z, 0.5), tf.add(1, tf.erf(tf.div(z, Math.SQRT2))));
      };
    },
  };
}

function residualCase(engine: EngineDevice, shape: LinearShape): KernelCase {
  const options = { bias: true, residual: true, activation: 'none', saveDerivative: false } as const;
  const { bytes, ...figures } = productFigures('linear with bias and residual', shape);
  return {
    ...figures,
    bytes: bytes + 4 * shape.rows * shape.columns,
    variants: variantsOf(engine, 'forward', shape, (variant) => linearForward(shape, options, variant)),
    stock: () => {
      const { x, weight, bias, dy: residual } = stockInputs(shape);
      return () => tf.add(residual, tf.add(tf.matMul(x, weight, false, true), bias));
    },
  };
}

function biasGradientCase(engine: EngineDevice, shape: LinearShape): KernelCase {
  const options = { bias: true, accumulate: false };
  return {
    ...productFigures('linear, weight and bias gradient', shape),
    variants: variantsOf(engine, 'weight', shape, (variant) => linearBackwardWeight(shape, options, variant)),
    stock: () => {
      const { x, dy } = stockInputs(shape);
      return () => [tf.matMul(dy, x, true), tf.sum(dy, 0)];
    },
  };
}

/** What a layer runs whose weight is frozen and whose bias is not. */
function biasAloneCase({ rows, columns }: LinearShape): KernelCase {
  return {
    kernel: 'linear, bias gradient alone',
    shape: `${rows}x${columns}`,
    flops: rows * columns,
    bytes: 4 * (rows + 1) * columns,
    variants: [
      {
        name: 'default',
        kernels: [positionsBackward({ batch: rows, tokens: 1, width: columns }, { accumulate: false })],
      },
    ],
    stock: () => {
      const dy = tf.randomUniform([rows, columns]);
      return () => tf.sum(dy, 0);
    },
  };
}

function activationCase(rows: number, columns: number): KernelCase {
  const count = rows * columns;
  return {
    kernel: 'activation, gradient',
    shape: `${rows}x${columns}`,
    flops: count,
    bytes: 12 * count,
    variants: [{ name: 'default', kernels: [activationBackward(count)] }],
    stock: () => {
      const dy = tf.randomUniform([rows, columns]);
      const derivative = tf.randomUniform([rows, columns]);
      return () => tf.mul(dy, derivative);
    },
  };
}

function productFigures(
  kernel: string,
  { rows, inner, columns }: LinearShape,
): Pick<KernelCase, 'kernel' | 'shape' | 'flops' | 'bytes'> {
  return {
    kernel,
    shape: `${rows}x${inner}x${columns}`,
    flops: 2 * rows * inner * columns,
    bytes: 4 * (rows * inner + columns * inner + rows * columns),
  };
}

function variantsOf(
  engine: EngineDevice,
  pass: LinearPass,
  shape: LinearShape,
  kernel: (variant: MatmulVariant) => Kernel,
): KernelCase['variants'] {
  return matmulCandidates(engine, pass, shape).map((variant) => ({
    name: variantName(variant),
    kernels: [kernel(variant)],
  }));
}

/** Weights up to this keep the variance of what comes in. */
const spread = ({ inner }: LinearShape): number => (3 / inner) ** 0.5;

/** Contents for a forward kernel: weights of both signs, so that activations do not saturate. */
export function signedWeights(shape: LinearShape): NonNullable<KernelCase['contents']> {
  const length = shape.columns * shape.inner;
  return { b: Float32Array.from({ length }, (_, i) => spread(shape) * (((i * 7919) % 2003) / 1001 - 1)) };
}

function stockInputs(shape: LinearShape): Record<'x' | 'weight' | 'dy', tf.Tensor2D> & { readonly bias: tf.Tensor1D } {
  const { rows, inner, columns } = shape;
  return {
    x: tf.randomUniform<tf.Rank.R2>([rows, inner]),
    weight: tf.randomUniform<tf.Rank.R2>([columns, inner], -spread(shape), spread(shape)),
    dy: tf.randomUniform<tf.Rank.R2>([rows, columns]),
    bias: tf.randomUniform<tf.Rank.R1>([columns]),
  };
}
