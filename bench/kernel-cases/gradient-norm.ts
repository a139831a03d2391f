import * as tf from '@tensorflow/tfjs-core';
import { finishStep, readingWords, squaredSums, squaredSumsCount } from '../../src/engine/kernels/gradient-norm';
import type { KernelTarget } from '../../src/engine/kernels/target';
import { aligned } from '../../src/engine/webgpu/memory';
import type { KernelCase } from '../../src/engine/ops/bench-case';
import { tensorShapes, type ParameterPool } from './parameter-pools';
import { adam, scalarsAt } from './step-scalars';

const maxNorm = 1;

/** Global norm of all gradients and the factor that clips them; the optimizer applies it. */
export function gradientNormCase(pools: readonly ParameterPool[], { cooperative }: KernelTarget): KernelCase {
  const elements = pools.reduce((sum, pool) => sum + pool.elements, 0);
  const partials = pools.reduce((sum, pool) => sum + aligned(4 * squaredSumsCount(pool.elements, cooperative)) / 4, 0);
  const shapes = pools.flatMap(tensorShapes);
  return {
    kernel: 'gradient norm and clipping factor',
    shape: `${elements} in ${shapes.length} tensors`,
    flops: 2 * elements,
    bytes: 4 * elements,
    variants: [
      {
        name: 'default',
        kernels: [
          ...pools.map((pool) => squaredSums(pool.elements, { cooperative })),
          finishStep(partials, {
            maxNorm,
            cooperative,
            scaled: false,
            logitScale: true,
            optimizer: { type: 'adamw', ...adam },
          }),
        ],
      },
    ],
    contents: {
      partials,
      scalars: scalarsAt(10),
      loss: 4,
      control: 8,
      ring: readingWords,
      progress: 4,
      logit_scale: 1,
    },
    stock: () => {
      const gradients = shapes.map((shape) => tf.randomUniform(shape));
      return () => {
        const norm = tf.sqrt(tf.sum(tf.stack(gradients.map((gradient) => tf.sum(tf.square(gradient))))));
        return tf.minimum(1, tf.div(maxNorm, tf.add(norm, 1e-6)));
      };
    },
  };
}
