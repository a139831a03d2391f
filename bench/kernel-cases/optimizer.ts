import * as tf from '@tensorflow/tfjs-core';
import type { OptimizerOptions } from '../../src/engine/executor';
import { optimizerStep, updateTable } from '../../src/engine/kernels/optimizer';
import { momentNames } from '../../src/engine/trainer-state';
import type { KernelCase } from '../../src/engine/ops/bench-case';
import { tensorShapes, type ParameterPool } from './parameter-pools';
import { adam, learningRate, scalarsAt } from './step-scalars';

/** Updates of the parameters of one pool by AdamW and by SGD with momentum. Tensors with fewer than two axes take no decay. */
export function optimizerCases(pool: ParameterPool): readonly KernelCase[] {
  return [
    optimizerCase('AdamW', pool, { type: 'adamw', ...adam }, 14, () => {
      const { beta1, beta2, epsilon } = adam;
      const optimizer = tf.train.adam(learningRate, beta1, beta2, epsilon);
      return (parameters) => {
        for (const { weights } of parameters.filter(takesDecay)) {
          weights.assign(tf.mul(weights, 1 - learningRate * weightDecay));
        }
        optimizer.applyGradients(parameters.map(({ weights, gradient }) => ({ name: weights.name, tensor: gradient })));
      };
    }),
    optimizerCase('SGD with momentum', pool, { type: 'sgd', momentum, nesterov: false }, 6, () => {
      const optimizer = tf.train.momentum(learningRate, momentum);
      return (parameters) => {
        const updates = parameters.map((parameter) => {
          const { weights, gradient } = parameter;
          const decayed = takesDecay(parameter) ? tf.add(gradient, tf.mul(weights, weightDecay)) : gradient;
          return { name: weights.name, tensor: decayed };
        });
        optimizer.applyGradients(updates);
      };
    }),
  ];
}

const weightDecay = 0.1;
const momentum = 0.9;

interface StockParameter {
  readonly weights: tf.Variable;
  readonly gradient: tf.Tensor;
}

const takesDecay = ({ gradient }: StockParameter): boolean => gradient.rank >= 2;

/**
 * @param flops a weight
 * @param stock makes the stock optimizer's step
 */
function optimizerCase(
  kernel: string,
  pool: ParameterPool,
  rule: OptimizerOptions,
  flops: number,
  stock: () => (parameters: readonly StockParameter[]) => void,
): KernelCase {
  const { parameters, elements } = pool;
  const moments = momentNames(rule).length;
  const shapes = tensorShapes(pool);
  const table = updateTable(
    parameters.map(({ spec, offset }) => ({
      weight: offset,
      gradient: offset,
      count: spec.shape.reduce((count, extent) => count * extent, 1),
      weightDecay: spec.parts.every(({ shape }) => shape.length >= 2) ? weightDecay : 0,
      rateFactor: 1,
      clamp: null,
    })),
  );
  return {
    kernel,
    shape: `${elements} in ${shapes.length} tensors`,
    flops: flops * elements,
    bytes: 4 * (3 + 2 * moments) * elements,
    variants: [{ name: 'default', kernels: [optimizerStep(table, rule)] }],
    contents: {
      scalars: scalarsAt(10),
      table,
      // Clipping factor, that the step may be taken, norm and loss; bias corrections.
      control: Float32Array.of(0.5, 1, 2, 1, 1 - adam.beta1 ** 10, 1 - adam.beta2 ** 10, 0, 0),
      weights: elements,
      gradients: elements,
      moment0: elements,
      moment1: elements,
    },
    stock: () => {
      const held = shapes.map((shape) => ({
        weights: tf.variable(tf.randomUniform(shape)),
        gradient: tf.randomUniform(shape),
      }));
      const step = stock();
      return () => {
        step(held);
        // The smallest tensor stands for all: it is ready when they are.
        const [smallest] = [...held].sort((one, other) => one.gradient.size - other.gradient.size);
        return smallest === undefined ? [] : tf.clone(smallest.weights);
      };
    },
  };
}
