import type { Kernel } from '../../kernels/kernel';
import { workgroupSum, type KernelTarget } from '../../kernels/target';
import { f32, linearGrid, makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

/**
 * Kernels of layer normalisation and its gradients, which need the statistics that the forward pass saved. In the forward pass and the input
 * gradient a workgroup shares a row where the target is cooperative; else one invocation owns it, with the same bindings.
 */

export interface LayerNormShape {
  readonly rows: number;
  readonly columns: number;
}

/** Invocations that share a row where the target is cooperative. */
const rowWidth = 64;

/**
 * Layer normalisation (Ba et al. 2016, arXiv 1607.06450) of `[rows, columns]` with biased variance.
 *
 * Bindings: x, weight, bias, y, and with `saveStatistics` the mean and reciprocal standard deviation of each row, `[rows, 2]`.
 */
export function layerNormForward(
  { rows, columns }: LayerNormShape,
  options: { readonly epsilon: number; readonly saveStatistics: boolean; readonly target: KernelTarget },
): Kernel {
  const { epsilon, saveStatistics, target } = options;
  const { type, width, sum } = vectorOf(columns);
  const length = columns / width;
  const array = `array<${type}>`;
  const save = saveStatistics ? 'statistics[row] = vec2<f32>(mean, rstd);' : '';
  const alone = perThread(
    rows,
    32,
    `  let row = index;
  let base = row * ${length}u;
  var total = ${type}();
  for (var i = 0u; i < ${length}u; i++) { total += x[base + i]; }
  let mean = ${sum('total')} / ${f32(columns)};
  var squares = ${type}();
  for (var i = 0u; i < ${length}u; i++) { let d = x[base + i] - mean; squares += d * d; }
  let rstd = inverseSqrt(${sum('squares')} / ${f32(columns)} + ${f32(epsilon)});
  for (var i = 0u; i < ${length}u; i++) { y[base + i] = (x[base + i] - mean) * rstd * weight[i] + bias[i]; }
  ${save}`,
  );
  const reduction = workgroupSum(rowWidth, 'f32');
  const grid = linearGrid(rows);
  const together = {
    workgroups: grid,
    main: `${reduction.declaration}

@compute @workgroup_size(${rowWidth})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let row = group.y * ${grid[0]}u + group.x;
  if (row >= ${rows}u) { return; }
  let base = row * ${length}u;
  var total = ${type}();
  for (var i = lid; i < ${length}u; i += ${rowWidth}u) { total += x[base + i]; }
${reduction.reduce(sum('total'))}
  let mean = shared_sums[0] / ${f32(columns)};
  var squares = ${type}();
  for (var i = lid; i < ${length}u; i += ${rowWidth}u) { let d = x[base + i] - mean; squares += d * d; }
${reduction.reduce(sum('squares'))}
  let rstd = inverseSqrt(shared_sums[0] / ${f32(columns)} + ${f32(epsilon)});
  for (var i = lid; i < ${length}u; i += ${rowWidth}u) { y[base + i] = (x[base + i] - mean) * rstd * weight[i] + bias[i]; }
  ${saveStatistics ? `if (lid == 0u) { ${save} }` : ''}
}`,
  };
  const { main, workgroups } = target.cooperative ? together : alone;
  return makeKernel({
    label: `layerNorm ${rows}x${columns} eps${epsilon}${saveStatistics ? ' stats' : ''}${target.cooperative ? ' coop' : ''}`,
    bindings: [
      ['x', 'read', array],
      ['weight', 'read', array],
      ['bias', 'read', array],
      ['y', 'read_write', array],
      ...(saveStatistics ? [['statistics', 'read_write', 'array<vec2<f32>>'] as const] : []),
    ],
    body: main,
    workgroups,
    flops: 8 * rows * columns,
    bytes: 8 * rows * columns,
  });
}

/**
 * Gradient of layer normalisation with respect to its input; with `accumulate` it is added to what dx holds.
 *
 * Bindings: x, weight, statistics, dy, dx.
 */
export function layerNormBackwardInput(
  { rows, columns }: LayerNormShape,
  options: { readonly accumulate: boolean; readonly target: KernelTarget },
): Kernel {
  const { accumulate, target } = options;
  const { type, width, sum } = vectorOf(columns);
  const length = columns / width;
  const array = `array<${type}>`;
  const assign = accumulate ? '+=' : '=';
  const loops = {
    sums: (from: string, stride: string) => `  for (var i = ${from}; i < ${length}u; i += ${stride}) {
    let g = dy[base + i] * weight[i];
    direct += g;
    along += g * (x[base + i] - mean) * rstd;
  }`,
    write: (from: string, stride: string) => `  for (var i = ${from}; i < ${length}u; i += ${stride}) {
    let normal = (x[base + i] - mean) * rstd;
    dx[base + i] ${assign} rstd * (dy[base + i] * weight[i] - c.x - normal * c.y);
  }`,
  };
  const start = `  let base = row * ${length}u;
  let mean = statistics[row].x;
  let rstd = statistics[row].y;
  var direct = ${type}();
  var along = ${type}();`;
  const alone = perThread(
    rows,
    32,
    `  let row = index;
${start}
${loops.sums('0u', '1u')}
  let c = vec2<f32>(${sum('direct')}, ${sum('along')}) / ${f32(columns)};
${loops.write('0u', '1u')}`,
  );
  const reduction = workgroupSum(rowWidth, 'vec2<f32>');
  const grid = linearGrid(rows);
  // Rows past the end are skipped by workgroup-uniform control flow: the grid overshoots only where it is folded into two dimensions.
  const together = {
    workgroups: grid,
    main: `${reduction.declaration}

@compute @workgroup_size(${rowWidth})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let row = group.y * ${grid[0]}u + group.x;
  if (row >= ${rows}u) { return; }
${start}
${loops.sums('lid', `${rowWidth}u`)}
${reduction.reduce(`vec2<f32>(${sum('direct')}, ${sum('along')})`)}
  let c = shared_sums[0] / ${f32(columns)};
${loops.write('lid', `${rowWidth}u`)}
}`,
  };
  const { main, workgroups } = target.cooperative ? together : alone;
  return makeKernel({
    label: `layerNormBackwardInput ${rows}x${columns}${accumulate ? ' add' : ''}${target.cooperative ? ' coop' : ''}`,
    bindings: [
      ['x', 'read', array],
      ['weight', 'read', array],
      ['statistics', 'read', 'array<vec2<f32>>'],
      ['dy', 'read', array],
      ['dx', 'read_write', array],
    ],
    body: main,
    workgroups,
    flops: 14 * rows * columns,
    bytes: (accumulate ? 16 : 12) * rows * columns,
  });
}

/** Slices of rows that `layerNormBackwardParameters` sums apart from one another. */
export function layerNormSlices({ rows, columns }: LayerNormShape, target: KernelTarget): number {
  // Enough invocations to fill the device, but at least a few rows each, or the partial sums cost more than they save.
  const wanted = target.cooperative ? Math.ceil(32_768 / columns) : Math.ceil(512 / columns);
  return Math.max(1, Math.min(wanted, Math.floor(rows / 8)));
}

/**
 * First stage of the gradients of weight and bias: sums over slices of rows, `[slices, 2, columns]` (weight, then bias). A fixed order of
 * additions keeps the result the same from run to run; `reducePartials` adds the slices up.
 *
 * Bindings: x, statistics, dy, partials.
 */
export function layerNormBackwardParameters(shape: LayerNormShape, options: { readonly slices: number }): Kernel {
  const { rows, columns } = shape;
  const { slices } = options;
  const { type, width } = vectorOf(columns);
  const length = columns / width;
  const array = `array<${type}>`;
  const perSlice = Math.ceil(rows / slices);
  const { main, workgroups } = perThread(
    length * slices,
    32,
    `  let column = index % ${length}u;
  let slice = index / ${length}u;
  let first = slice * ${perSlice}u;
  let last = min(first + ${perSlice}u, ${rows}u);
  var scale_sum = ${type}();
  var shift_sum = ${type}();
  for (var row = first; row < last; row++) {
    let g = dy[row * ${length}u + column];
    let s = statistics[row];
    shift_sum += g;
    scale_sum += g * (x[row * ${length}u + column] - s.x) * s.y;
  }
  partials[slice * ${2 * length}u + column] = scale_sum;
  partials[slice * ${2 * length}u + ${length}u + column] = shift_sum;`,
  );
  return makeKernel({
    label: `layerNormBackwardParameters ${rows}x${columns}/${slices}`,
    bindings: [
      ['x', 'read', array],
      ['statistics', 'read', 'array<vec2<f32>>'],
      ['dy', 'read', array],
      ['partials', 'read_write', array],
    ],
    body: main,
    workgroups,
    flops: 5 * rows * columns,
    bytes: 8 * rows * columns,
  });
}
