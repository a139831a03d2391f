import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/**
 * Kernels of the mean over each sequence, from `[batch * tokens, width]` to `[batch, width]`, and the gradient. The first `skipped` rows of a
 * sequence take no part; at least one is left.
 */

export interface TokenMeanShape {
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
  readonly skipped: number;
}

/**
 * The mean of the rows of each sequence without the first ones.
 *
 * Bindings: x, y.
 */
export function tokenMeanForward({ batch, tokens, width, skipped }: TokenMeanShape): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * length,
    64,
    `  let first = (index / ${length}u) * ${tokens * length}u + index % ${length}u;
  var sum = ${type}();
  for (var token = ${skipped}u; token < ${tokens}u; token++) {
    sum += x[first + token * ${length}u];
  }
  y[index] = sum * ${1 / (tokens - skipped)};`,
  );
  return makeKernel({
    label: `tokenMean ${batch}x${tokens}x${width}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 4 * batch * (tokens + 1) * width,
  });
}

/**
 * Gradient of `tokenMeanForward`: an equal part of dy for each row that counts, zero for the others; with `accumulate` it is added.
 *
 * Bindings: dy, dx.
 */
export function tokenMeanBackward(shape: TokenMeanShape, options: { readonly accumulate: boolean }): Kernel {
  const { batch, tokens, width, skipped } = shape;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * tokens * length,
    64,
    `  let place = index / ${length}u;
  let g = dy[(place / ${tokens}u) * ${length}u + index % ${length}u] * ${1 / (tokens - skipped)};
  d_x[index] ${options.accumulate ? '+=' : '='} select(${type}(), g, place % ${tokens}u >= ${skipped}u);`,
  );
  return makeKernel({
    label: `tokenMeanBackward ${batch}x${tokens}x${width}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['dy', 'read', `array<${type}>`],
      ['d_x', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: (options.accumulate ? 8 : 4) * batch * (tokens + 1) * width,
  });
}
