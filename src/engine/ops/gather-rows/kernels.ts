import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/** Kernels that put sequences of rows in another order, and the gradient of that. Sums have a fixed order. */
export interface GatherRowsShape {
  /** Sequences of the result, and of what they are taken from. */
  readonly batch: number;
  readonly sequences: number;
  readonly tokens: number;
  readonly width: number;
}

/**
 * `y[b * tokens + t] = x[index[b] * tokens + t]`. An index beyond the last sequence reads that.
 *
 * Bindings: x, index, y.
 */
export function gatherRowsForward({ batch, sequences, tokens, width }: GatherRowsShape): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = (tokens * width) / lanes;
  const { main, workgroups } = perThread(
    batch * length,
    64,
    `  let sequence = min(u32(index_of[index / ${length}u]), ${sequences - 1}u);
  y[index] = x[sequence * ${length}u + index % ${length}u];`,
  );
  return makeKernel({
    label: `gatherRows ${batch} of ${sequences}x${tokens}x${width}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['index_of', 'read', 'array<i32>'],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: 8 * batch * tokens * width,
  });
}

/**
 * Gradient of x: each sequence gets the sum of dy over the places that it went to.
 *
 * Bindings: dy, index, dx.
 */
export function gatherRowsBackward(
  { batch, sequences, tokens, width }: GatherRowsShape,
  { accumulate }: { readonly accumulate: boolean },
): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = (tokens * width) / lanes;
  const { main, workgroups } = perThread(
    sequences * length,
    64,
    `  let sequence = index / ${length}u;
  var total = ${type}();
  for (var b = 0u; b < ${batch}u; b++) {
    if (min(u32(index_of[b]), ${sequences - 1}u) == sequence) { total += dy[b * ${length}u + index % ${length}u]; }
  }
  d_x[index] ${accumulate ? '+=' : '='} total;`,
  );
  return makeKernel({
    label: `gatherRowsBackward ${batch} of ${sequences}x${tokens}x${width}${accumulate ? ' add' : ''}`,
    bindings: [
      ['dy', 'read', `array<${type}>`],
      ['index_of', 'read', 'array<i32>'],
      ['d_x', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 4 * (batch + sequences) * tokens * width,
  });
}
