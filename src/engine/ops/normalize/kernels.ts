import type { Kernel } from '../../kernels/kernel';
import { workgroupSum, type KernelTarget } from '../../kernels/target';
import { linearGrid, makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/**
 * Kernels that scale each row of `[rows, columns]` to length 1, and the gradient. A row of zeros stays zeros. Where the target is cooperative, a
 * workgroup shares a row; else one invocation owns it.
 */

export interface NormalizeShape {
  readonly rows: number;
  readonly columns: number;
}

const rowWidth = 64;

/** Keeps the reciprocal of a zero row finite. */
const tiny = '1e-30f';

/** WGSL of a kernel that sums something over a row and then writes the row, alone or shared by a workgroup. */
function rowKernel(
  { rows, columns }: NormalizeShape,
  target: KernelTarget,
  parts: {
    readonly sumType: string;
    readonly sum: string;
    readonly total: string;
    readonly prepare: string;
    readonly write: string;
  },
): Pick<Kernel, 'workgroups'> & { readonly main: string } {
  const { width } = vectorOf(columns);
  const length = columns / width;
  const loop = (from: string, stride: string, body: string): string =>
    `  for (var i = ${from}; i < ${length}u; i += ${stride}) { ${body} }`;
  if (!target.cooperative) {
    return perThread(
      rows,
      32,
      `  let base = index * ${length}u;
  var sums = ${parts.sumType}();
${loop('0u', '1u', parts.sum)}
  let total = ${parts.total.replaceAll('$', 'sums')};
${parts.prepare}
${loop('0u', '1u', parts.write)}`,
    );
  }
  const reduction = workgroupSum(rowWidth, parts.sumType);
  const workgroups = linearGrid(rows);
  return {
    workgroups,
    main: `${reduction.declaration}

@compute @workgroup_size(${rowWidth})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let row = group.y * ${workgroups[0]}u + group.x;
  if (row >= ${rows}u) { return; }
  let base = row * ${length}u;
  var sums = ${parts.sumType}();
${loop('lid', `${rowWidth}u`, parts.sum)}
${reduction.reduce('sums')}
  let total = ${parts.total.replaceAll('$', 'shared_sums[0]')};
${parts.prepare}
${loop('lid', `${rowWidth}u`, parts.write)}
}`,
  };
}

/**
 * `y = x / ||x||₂` per row. Bindings: x, y.
 */
export function normalizeForward(shape: NormalizeShape, options: { readonly target: KernelTarget }): Kernel {
  const { rows, columns } = shape;
  const { type, sum } = vectorOf(columns);
  const { main, workgroups } = rowKernel(shape, options.target, {
    sumType: type,
    sum: 'let v = x[base + i]; sums += v * v;',
    total: sum('$'),
    prepare: `  let scale = inverseSqrt(max(total, ${tiny}));`,
    write: 'y[base + i] = x[base + i] * scale;',
  });
  return makeKernel({
    label: `normalize ${rows}x${columns}${options.target.cooperative ? ' coop' : ''}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['y', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 3 * rows * columns,
    bytes: 8 * rows * columns,
  });
}

/**
 * Gradient of `normalizeForward`: `dx = (dy - y (y · dy)) / ||x||`, y recomputed from x. Bindings: x, dy, dx.
 */
export function normalizeBackward(
  shape: NormalizeShape,
  options: { readonly accumulate: boolean; readonly target: KernelTarget },
): Kernel {
  const { rows, columns } = shape;
  const { type, width } = vectorOf(columns);
  const dots = width === 4 ? 'vec2<f32>(dot(v, v), dot(v, dy[base + i]))' : 'vec2<f32>(v * v, v * dy[base + i])';
  const { main, workgroups } = rowKernel(shape, options.target, {
    sumType: 'vec2<f32>',
    sum: `let v = x[base + i]; sums += ${dots};`,
    total: '$',
    prepare: `  let square = max(total.x, ${tiny});
  let scale = inverseSqrt(square);
  let along = total.y / square;`,
    write: `d_x[base + i] ${options.accumulate ? '+=' : '='} (dy[base + i] - x[base + i] * along) * scale;`,
  });
  return makeKernel({
    label: `normalizeBackward ${rows}x${columns}${options.accumulate ? ' add' : ''}${options.target.cooperative ? ' coop' : ''}`,
    bindings: [
      ['x', 'read', `array<${type}>`],
      ['dy', 'read', `array<${type}>`],
      ['d_x', 'read_write', `array<${type}>`],
    ],
    body: main,
    workgroups,
    flops: 8 * rows * columns,
    bytes: 12 * rows * columns,
  });
}
