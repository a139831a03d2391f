import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/** Kernels that put two matrices side by side, and give each its part of the gradient. */

export interface ConcatShape {
  readonly rows: number;
  readonly left: number;
  readonly right: number;
}

/** The widest vectors that keep both parts aligned. */
function lanesOf({ left, right }: ConcatShape) {
  return vectorOf(left % 4 === 0 ? right : left);
}

/** Bindings: left, right, y. */
export function concatForward(shape: ConcatShape): Kernel {
  const { type, width } = lanesOf(shape);
  const { rows } = shape;
  const [left, right] = [shape.left / width, shape.right / width];
  const total = left + right;
  const { main, workgroups } = perThread(
    rows * total,
    64,
    `  let row = index / ${total}u;
  let column = index % ${total}u;
  if (column < ${left}u) {
    y[index] = left[row * ${left}u + column];
  } else {
    y[index] = right[row * ${right}u + column - ${left}u];
  }`,
  );
  return makeKernel({
    label: `concat ${rows}x${shape.left}+${shape.right}`,
    bindings: [
      ['left', 'read', `array<${type}>`],
      ['right', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: 8 * rows * (shape.left + shape.right),
  });
}

/** The gradient of one part; with `accumulate` it is added. Bindings: dy, dx. */
export function concatBackward(
  shape: ConcatShape,
  options: { readonly part: 'left' | 'right'; readonly accumulate: boolean },
): Kernel {
  const { part, accumulate } = options;
  const { type, width } = lanesOf(shape);
  const { rows } = shape;
  const total = (shape.left + shape.right) / width;
  const own = shape[part] / width;
  const offset = part === 'left' ? 0 : shape.left / width;
  const { main, workgroups } = perThread(
    rows * own,
    64,
    `  d_x[index] ${accumulate ? '+=' : '='} dy[(index / ${own}u) * ${total}u + ${offset}u + index % ${own}u];`,
  );
  return makeKernel({
    label: `concatBackward ${rows}x${shape.left}+${shape.right} ${part}${accumulate ? ' add' : ''}`,
    bindings: [
      ['dy', 'read', `array<${type}>`],
      ['d_x', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: (accumulate ? 12 : 8) * rows * shape[part],
  });
}
