import type { Kernel } from '../../kernels/kernel';
import { f32, makeKernel, perThread } from '../../kernels/wgsl';

/** The mask of dropout times something: x on the way there, the gradient of the result on the way back. */

export interface DropoutOptions {
  /** 0…<1. */
  readonly probability: number;
  /** Tells the masks of different nodes apart. */
  readonly salt: number;
  readonly accumulate: boolean;
}

/**
 * `y = mask ⊙ x`, or `y += mask ⊙ x`. The place of an element is hashed with the seed of the step, by a round of PCG (O'Neill 2014,
 * HMC-CS-2014-0905) and of the lowbias32 integer hash, so that backward draws the same mask again.
 *
 * Bindings: x, scalars, y, each `[count]`.
 */
export function dropoutMask(count: number, { probability, salt, accumulate }: DropoutOptions): Kernel {
  const { main, workgroups } = perThread(
    count,
    64,
    `  var h = index * 747796405u + scalars.seed + ${Math.imul(salt, 0x9e3779b9) >>> 0}u;
  h = ((h >> ((h >> 28u) + 4u)) ^ h) * 277803737u;
  h = (h >> 22u) ^ h;
  h = (h ^ (h >> 16u)) * 0x7feb352du;
  h = (h ^ (h >> 15u)) * 0x846ca68bu;
  h = h ^ (h >> 16u);
  let kept = select(0.0, ${f32(1 / (1 - probability))}, h >= ${Math.floor(probability * 4294967296)}u);
  y[index] ${accumulate ? '+=' : '='} kept * x[index];`,
  );
  return makeKernel({
    label: `dropout${probability}#${salt} ${count}${accumulate ? ' add' : ''}`,
    bindings: [['x', 'read', 'array<f32>'], 'scalars', ['y', 'read_write', 'array<f32>']],
    body: main,
    workgroups,
    flops: count,
    bytes: 8 * count,
  });
}
