import type { Kernel } from '../../kernels/kernel';
import { workgroupSum, type KernelTarget } from '../../kernels/target';
import { f32, linearGrid, makeKernel, perThread, type Binding } from '../../kernels/wgsl';

/**
 * Kernels of the cross entropy over classes, in the order in which they run: statistics of the rows, the loss from these, and the gradient from
 * both. Sums have a fixed order, so that results are the same from run to run.
 */

export interface CrossEntropyShape {
  readonly rows: number;
  readonly classes: number;
}

/** What a case of the loss has besides logits and targets. */
export interface CrossEntropyOptions {
  readonly rowWeights: boolean;
  readonly classWeights: boolean;
  readonly labelSmoothing: number;
  readonly focus: number;
}

const rowWidth = 64;

function weightBindings({ rowWeights, classWeights }: CrossEntropyOptions): readonly Binding[] {
  return [
    ...(rowWeights ? [['row_weights', 'read', 'array<f32>'] as const] : []),
    ...(classWeights ? [['class_weights', 'read', 'array<f32>'] as const] : []),
  ];
}

function weightFunctions({ rowWeights, classWeights }: CrossEntropyOptions): string {
  return `fn row_weight(row: u32) -> f32 { return ${rowWeights ? 'row_weights[row]' : '1.0'}; }
fn class_weight(index: u32) -> f32 { return ${classWeights ? 'class_weights[index]' : '1.0'}; }`;
}

function labelOf({ rowWeights, classWeights, labelSmoothing, focus }: CrossEntropyOptions): string {
  return `smooth${labelSmoothing}${focus > 0 ? ` focus${focus}` : ''}${rowWeights ? ' rows' : ''}${classWeights ? ' classes' : ''}`;
}

/**
 * Per row `statistics[i] = (log-sum-exp, numerator, denominator, pull)`: what the row adds to the sums above and below the fraction bar, and
 * what its probabilities are multiplied by in the gradient. All 0 for rows that count nothing.
 *
 * Bindings: logits, targets, statistics, then row weights and class weights where there are any.
 */
export function crossEntropyRows(
  { rows, classes }: CrossEntropyShape,
  options: CrossEntropyOptions,
  { cooperative }: KernelTarget,
): Kernel {
  const { labelSmoothing, focus } = options;
  const share = labelSmoothing / classes;
  // Largest logit first; then the sum of exponentials, that of class weights, and that of weighted logits.
  const passes = (from: string, stride: string) => ({
    largest: `  for (var c = ${from}; c < ${classes}u; c += ${stride}) { most = max(most, logits[base + c]); }`,
    sums: `  for (var c = ${from}; c < ${classes}u; c += ${stride}) {
    let z = logits[base + c];
    let w = class_weight(c);
    sums += vec3<f32>(exp(z - most), w, w * z);
  }`,
  });
  const finish = `  let target_class = targets[row];
  if (target_class < 0) {
    statistics[row] = vec4<f32>();
    return;
  }
  let index = u32(target_class);
  let lse = most + log(total.x);
  let weight = class_weight(index);
  let hit = ${f32(1 - labelSmoothing)} * weight;
  let loss = hit * (lse - logits[base + index]) + ${f32(share)} * (total.y * lse - total.z);
  let r = row_weight(row);
${
  focus > 0
    ? `  // What is right already counts less, and the pull grows by how that changes.
  let rest = max(1.0 - exp(logits[base + index] - lse), 1e-30f);
  let spared = pow(rest, ${f32(focus)});
  let pull = spared + ${f32(focus)} * (1.0 - rest) * spared / rest * (lse - logits[base + index]);
  statistics[row] = vec4<f32>(lse, r * spared * loss, r * weight, hit * pull);`
    : `  statistics[row] = vec4<f32>(lse, r * loss, r * weight, hit + ${f32(share)} * total.y);`
}`;
  const grid = linearGrid(rows);
  const alone = perThread(
    rows,
    32,
    `  let row = index;
  let base = row * ${classes}u;
  var most = -3e38f;
${passes('0u', '1u').largest}
  var sums = vec3<f32>();
${passes('0u', '1u').sums}
  let total = sums;
  finish(row, base, most, total);`,
  );
  const reduction = workgroupSum(rowWidth, 'vec3<f32>');
  const together = `${reduction.declaration}
var<workgroup> shared_most: array<f32, ${rowWidth}>;

@compute @workgroup_size(${rowWidth})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let row = group.y * ${grid[0]}u + group.x;
  if (row >= ${rows}u) { return; }
  let base = row * ${classes}u;
  var most = -3e38f;
${passes('lid', `${rowWidth}u`).largest}
  shared_most[lid] = most;
  workgroupBarrier();
  for (var other = 0u; other < ${rowWidth}u; other++) { most = max(most, shared_most[other]); }
  var sums = vec3<f32>();
${passes('lid', `${rowWidth}u`).sums}
${reduction.reduce('sums')}
  if (lid != 0u) { return; }
  finish(row, base, most, shared_sums[0]);
}`;
  return makeKernel({
    label: `crossEntropyRows ${rows}x${classes} ${labelOf(options)}${cooperative ? ' coop' : ''}`,
    bindings: [
      ['logits', 'read', 'array<f32>'],
      ['targets', 'read', 'array<i32>'],
      ['statistics', 'read_write', 'array<vec4<f32>>'],
      ...weightBindings(options),
    ],
    body: `${weightFunctions(options)}

fn finish(row: u32, base: u32, most: f32, total: vec3<f32>) {
${finish}
}

${cooperative ? together : alone.main}`,
    workgroups: cooperative ? grid : alone.workgroups,
    flops: 8 * rows * classes,
    bytes: 8 * rows * classes,
  });
}

/**
 * Adds the rows up: `result = (loss, 0, Σ r_i w_{t_i}, loss scale)`, with `summed` 1 in the place of the sum of weights. One workgroup. With `scaled`, the gradient that follows is multiplied by
 * the loss scale (`finishStep`); the loss itself is not.
 *
 * Bindings: statistics, result, and with `scaled` the loss scaling.
 */
export function crossEntropyLoss(
  rows: number,
  options: { readonly cooperative: boolean; readonly scaled: boolean; readonly summed?: boolean },
): Kernel {
  const { cooperative, scaled, summed = false } = options;
  const size = cooperative ? 128 : 1;
  const reduction = workgroupSum(size, 'vec2<f32>');
  return makeKernel({
    label: `crossEntropyLoss ${rows}${cooperative ? ' coop' : ''}${scaled ? ' scaled' : ''}${summed ? ' summed' : ''}`,
    bindings: [
      ['statistics', 'read', 'array<vec4<f32>>'],
      ['result', 'read_write', 'array<vec4<f32>>'],
      ...(scaled ? [['scaling', 'read', 'array<vec4<f32>>'] as const] : []),
    ],
    body: `${cooperative ? reduction.declaration : ''}

@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) lid: u32) {
  var sums = vec2<f32>();
  for (var row = lid; row < ${rows}u; row += ${size}u) { sums += statistics[row].yz; }
${cooperative ? `${reduction.reduce('sums')}\n  if (lid != 0u) { return; }\n  let total = shared_sums[0];` : '  let total = sums;'}
  let mass = ${summed ? '1.0' : 'total.y'};
  let loss = select(0.0, total.x / mass, mass > 0.0);
  result[0] = vec4<f32>(loss, 0.0, mass, ${scaled ? 'scaling[0].x' : '1.0'});
}`,
    workgroups: [1, 1, 1],
    flops: 2 * rows,
    bytes: 16 * rows,
  });
}

/**
 * Gradient of the logits, times the loss scale of `result`.
 *
 * Bindings: logits, targets, statistics, result, dLogits, then row weights and class weights where there are any.
 */
export function crossEntropyBackward(
  { rows, classes }: CrossEntropyShape,
  options: CrossEntropyOptions & { readonly accumulate: boolean },
): Kernel {
  const { labelSmoothing, focus, accumulate } = options;
  const { main, workgroups } = perThread(
    rows * classes,
    64,
    `  let row = index / ${classes}u;
  let column = index % ${classes}u;
  let row_statistics = statistics[row];
  var gradient = 0.0;
  if (row_statistics.z > 0.0) {
    let weight = class_weight(column);
    gradient = exp(logits[index] - row_statistics.x) * row_statistics.w - ${f32(labelSmoothing / classes)} * weight;
    if (i32(column) == targets[row]) { gradient -= ${focus > 0 ? 'row_statistics.w' : `${f32(1 - labelSmoothing)} * weight`}; }
    gradient *= row_weight(row) * result[0].w / result[0].z;
  }
  d_logits[index] ${accumulate ? '+=' : '='} gradient;`,
  );
  return makeKernel({
    label: `crossEntropyBackward ${rows}x${classes} ${labelOf(options)}${accumulate ? ' add' : ''}`,
    bindings: [
      ['logits', 'read', 'array<f32>'],
      ['targets', 'read', 'array<i32>'],
      ['statistics', 'read', 'array<vec4<f32>>'],
      ['result', 'read', 'array<vec4<f32>>'],
      ['d_logits', 'read_write', 'array<f32>'],
      ...weightBindings(options),
    ],
    body: `${weightFunctions(options)}

${main}`,
    workgroups,
    flops: 8 * rows * classes,
    bytes: 8 * rows * classes,
  });
}
