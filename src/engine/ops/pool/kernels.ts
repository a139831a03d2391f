import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/**
 * Kernels that take one row of each sequence, from `[batch * tokens, width]` to `[batch, width]`, and the gradient. An index past the end takes
 * the last row, so that nothing outside of the sequence is ever read or written.
 */

export interface PoolShape {
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
  /** Which row of a sequence is taken; `indexed`: a binding says it. */
  readonly row: 'first' | 'last' | 'indexed';
}

/** WGSL expression of the row that is taken of a sequence. */
function pooledRow({ row, tokens }: PoolShape, sequence: string): string {
  if (row === 'indexed') return `min(u32(indices[${sequence}]), ${tokens - 1}u)`;
  return row === 'first' ? '0u' : `${tokens - 1}u`;
}

/**
 * One row per sequence: `y[b] = x[b * tokens + index[b]]`.
 *
 * Bindings: x, y, and indices where rows are `indexed`.
 */
export function poolForward(shape: PoolShape): Kernel {
  const { batch, tokens, width, row } = shape;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * length,
    64,
    `  let sequence = index / ${length}u;
  y[index] = x[(sequence * ${tokens}u + ${pooledRow(shape, 'sequence')}) * ${length}u + index % ${length}u];`,
  );
  return makeKernel({
    label: `pool ${batch}x${tokens}x${width}${row === 'first' ? '' : ` ${row}`}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
      ...(row === 'indexed' ? [['indices', 'read', 'array<i32>'] as const] : []),
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: 8 * batch * width,
  });
}

/**
 * Gradient of `poolForward`: dy at the pooled rows, zero elsewhere; with `accumulate` only the pooled rows are touched.
 *
 * Bindings: dy, dx, and indices where rows are `indexed`.
 */
export function poolBackward(shape: PoolShape, options: { readonly accumulate: boolean }): Kernel {
  const { batch, tokens, width, row } = shape;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const whole = perThread(
    batch * tokens * length,
    64,
    `  let place = index / ${length}u;
  let sequence = place / ${tokens}u;
  let g = dy[sequence * ${length}u + index % ${length}u];
  d_x[index] = select(${type}(), g, place % ${tokens}u == ${pooledRow(shape, 'sequence')});`,
  );
  const touched = perThread(
    batch * length,
    64,
    `  let sequence = index / ${length}u;
  d_x[(sequence * ${tokens}u + ${pooledRow(shape, 'sequence')}) * ${length}u + index % ${length}u] += dy[index];`,
  );
  const { main, workgroups } = options.accumulate ? touched : whole;
  return makeKernel({
    label: `poolBackward ${batch}x${tokens}x${width}${row === 'first' ? '' : ` ${row}`}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['dy', 'read', `array<${type}>`],
      ['d_x', 'read_write', `array<${type}>`],
      ...(row === 'indexed' ? [['indices', 'read', 'array<i32>'] as const] : []),
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: options.accumulate ? 12 * batch * width : 4 * batch * (tokens + 1) * width,
  });
}
