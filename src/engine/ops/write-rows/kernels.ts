import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf, type Binding } from '../../kernels/wgsl';

/**
 * Kernels that write rows into a state, `[batch * tokens, width]` into `[batch * capacity, width]`, and the gradient of what was written.
 * Sequences never touch each other: a row that would lie past the part of its own is dropped.
 */

/** Sizes of rows on their way into a state. A dispatch binds the state for writing, so nothing else that it reads may lie in the same buffer. */
export interface WriteRowsShape {
  readonly batch: number;
  /** Rows of a sequence that are written, and that the state has. */
  readonly tokens: number;
  readonly capacity: number;
  readonly width: number;
  /** Whether an offset per sequence is bound; otherwise rows go to the start. */
  readonly offsets: boolean;
}

/**
 * `state[b * capacity + offset[b] + t] = x[b * tokens + t]`; rows past the end of a sequence's part go nowhere.
 *
 * Bindings: x, state, and offsets if any.
 */
export function writeRows(shape: WriteRowsShape): Kernel {
  return rowKernel('writeRows', shape, ['x', 'state'], (row) => `state[${row}] = x[index];`, '');
}

/**
 * Gradient of the rows that `writeRows` wrote: those of dy.
 *
 * Bindings: dy, dx, and offsets if any.
 */
export function writeRowsBackward(shape: WriteRowsShape, { accumulate }: { readonly accumulate: boolean }): Kernel {
  const operator = accumulate ? '+=' : '=';
  const label = `writeRowsBackward${accumulate ? ' add' : ''}`;
  const past = accumulate ? '' : ' else { d_x[index] = NOTHING; }';
  return rowKernel(label, shape, ['dy', 'd_x'], (row) => `d_x[index] ${operator} dy[${row}];`, past);
}

function rowKernel(
  label: string,
  { batch, tokens, capacity, width, offsets }: WriteRowsShape,
  [read, written]: readonly [string, string],
  move: (row: string) => string,
  past: string,
): Kernel {
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const bindings: Binding[] = [
    [read, 'read', `array<${type}>`],
    [written, 'read_write', `array<${type}>`],
  ];
  if (offsets) bindings.push(['offsets', 'read', 'array<i32>']);
  const { main, workgroups } = perThread(
    batch * tokens * length,
    64,
    `  let token = index / ${length}u;
  let sequence = token / ${tokens}u;
  let place = ${offsets ? 'u32(offsets[sequence]) + ' : ''}token % ${tokens}u;
  if (place < ${capacity}u) { ${move(`(sequence * ${capacity}u + place) * ${length}u + index % ${length}u`)} }${past.replace('NOTHING', `${type}()`)}`,
  );
  return makeKernel({
    label: `${label} ${batch}x${tokens} of ${capacity}x${width}${offsets ? ' offsets' : ''}`,
    bindings,
    body: main,
    workgroups,
    flops: 0,
    bytes: 8 * batch * tokens * width,
  });
}
