import type { Kernel } from '../../kernels/kernel';
import { makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/** Kernels that put one row in the place of all rows of missing samples, and the gradients. */

export interface FillMissingShape {
  readonly batch: number;
  readonly tokens: number;
  readonly width: number;
}

const nameOf = ({ batch, tokens, width }: FillMissingShape): string => `${batch}x${tokens}x${width}`;

/** Bindings: x, present, fill, y. */
export function fillMissingForward(shape: FillMissingShape): Kernel {
  const { batch, tokens, width } = shape;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * tokens * length,
    64,
    `  if (present[index / ${tokens * length}u] != 0) {
    y[index] = x[index];
  } else {
    y[index] = fill[index % ${length}u];
  }`,
  );
  return makeKernel({
    label: `fillMissing ${nameOf(shape)}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['present', 'read', 'array<i32>'],
      ['fill', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: 8 * batch * tokens * width,
  });
}

/** The gradient of x: nothing for missing samples. Bindings: dy, present, dx. */
export function fillMissingBackward(shape: FillMissingShape, options: { readonly accumulate: boolean }): Kernel {
  const { batch, tokens, width } = shape;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * tokens * length,
    64,
    `  let there = present[index / ${tokens * length}u] != 0;
  d_x[index] ${options.accumulate ? '+=' : '='} select(${type}(), dy[index], there);`,
  );
  return makeKernel({
    label: `fillMissingBackward ${nameOf(shape)}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['dy', 'read', `array<${type}>`],
      ['present', 'read', 'array<i32>'],
      ['d_x', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 0,
    bytes: (options.accumulate ? 12 : 8) * batch * tokens * width,
  });
}

/** Parts that the samples are added up in. */
export function fillMissingSlices({ batch }: FillMissingShape): number {
  return Math.max(1, Math.min(8, Math.floor(batch / 4)));
}

/**
 * The gradient of fill, as sums over slices of the missing samples, `[slices, width]`; `reducePartials` adds them up.
 *
 * Bindings: dy, present, partials.
 */
export function fillMissingFill(shape: FillMissingShape, { slices }: { readonly slices: number }): Kernel {
  const { batch, tokens, width } = shape;
  const each = Math.ceil(batch / slices);
  const { main, workgroups } = perThread(
    slices * width,
    64,
    `  let slice = index / ${width}u;
  let column = index % ${width}u;
  var sum = 0.0;
  for (var sample = slice * ${each}u; sample < min((slice + 1u) * ${each}u, ${batch}u); sample++) {
    if (present[sample] != 0) { continue; }
    for (var row = sample * ${tokens}u; row < (sample + 1u) * ${tokens}u; row++) { sum += dy[row * ${width}u + column]; }
  }
  partials[index] = sum;`,
  );
  return makeKernel({
    label: `fillMissingFill ${nameOf(shape)} in ${slices}`,
    bindings: [
      ['dy', 'read', 'array<f32>'],
      ['present', 'read', 'array<i32>'],
      ['partials', 'read_write', 'array<f32>'],
    ],
    body: main,
    workgroups,
    flops: batch * tokens * width,
    bytes: 4 * batch * tokens * width,
  });
}
