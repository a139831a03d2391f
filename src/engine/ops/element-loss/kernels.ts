import type { Kernel } from '../../kernels/kernel';
import { workgroupSum } from '../../kernels/target';
import { f32, makeKernel, perThread, type Binding } from '../../kernels/wgsl';
import type { ElementLossNode } from './node';

/**
 * Kernels of a loss over the elements of a matrix, in the order in which they run: sums of the rows, the loss from these, and the gradient. Sums have
 * a fixed order, so that results are the same from run to run.
 */

export interface ElementLossShape {
  readonly rows: number;
  readonly columns: number;
}

/** What is computed of an element; `positive` says whether there are weights of positives. */
export interface ElementLossOptions extends Pick<ElementLossNode, 'cost' | 'bend'> {
  readonly positive: boolean;
}

const nameOf = ({ rows, columns }: ElementLossShape, { cost, bend, positive }: ElementLossOptions): string =>
  `${rows}x${columns} ${cost}${bend}${positive ? ' positive' : ''}`;

const positiveBindings = ({ positive }: ElementLossOptions): readonly Binding[] =>
  positive ? [['positive_weights', 'read', 'array<f32>']] : [];

/** `cost(z, t, column)` and its derivative by z, `slope(z, t, column)`. */
function functions({ cost, bend, positive }: ElementLossOptions): string {
  if (cost === 'squared') {
    return `fn cost(z: f32, t: f32, column: u32) -> f32 { return (z - t) * (z - t); }
fn slope(z: f32, t: f32, column: u32) -> f32 { return 2.0 * (z - t); }`;
  }
  if (cost === 'huber') {
    return `fn cost(z: f32, t: f32, column: u32) -> f32 {
  let d = abs(z - t);
  return select(${f32(bend)} * (d - ${f32(bend / 2)}), 0.5 * d * d, d <= ${f32(bend)});
}
fn slope(z: f32, t: f32, column: u32) -> f32 { return clamp(z - t, -${f32(bend)}, ${f32(bend)}); }`;
  }
  const weight = positive ? 'positive_weights[column] * ' : '';
  // What is taken away of each term where it is right already, and how that changes.
  const focus = bend > 0;
  const spare = (of: string): string => (focus ? `pow(max(${of}, 1e-30f), ${f32(bend)}) * ` : '');
  return `fn softplus(z: f32) -> f32 { return max(z, 0.0) + log(1.0 + exp(-abs(z))); }
fn cost(z: f32, t: f32, column: u32) -> f32 {
  ${focus ? 'let p = 1.0 / (1.0 + exp(-z));\n  let q = 1.0 / (1.0 + exp(z));' : ''}
  return ${weight}t * ${spare('q')}softplus(-z) + (1.0 - t) * ${spare('p')}softplus(z);
}
fn slope(z: f32, t: f32, column: u32) -> f32 {
  let p = 1.0 / (1.0 + exp(-z));
  let q = 1.0 / (1.0 + exp(z));
  let up = -${spare('q')}(q${focus ? ` + ${f32(bend)} * p * softplus(-z)` : ''});
  let down = ${spare('p')}(p${focus ? ` + ${f32(bend)} * q * softplus(z)` : ''});
  return ${weight}t * up + (1.0 - t) * down;
}`;
}

/**
 * Per row `(Σ w · cost, Σ w)`.
 *
 * Bindings: predicted, targets, weights, statistics, then weights of positives where there are any.
 */
export function elementLossRows(shape: ElementLossShape, options: ElementLossOptions): Kernel {
  const { rows, columns } = shape;
  const { main, workgroups } = perThread(
    rows,
    32,
    `  var sums = vec2<f32>();
  for (var column = 0u; column < ${columns}u; column++) {
    let i = index * ${columns}u + column;
    let w = weights[i];
    // What weighs nothing may hold anything.
    if (w > 0.0) { sums += w * vec2<f32>(cost(predicted[i], targets[i], column), 1.0); }
  }
  statistics[index] = sums;`,
  );
  return makeKernel({
    label: `elementLossRows ${nameOf(shape, options)}`,
    bindings: [
      ['predicted', 'read', 'array<f32>'],
      ['targets', 'read', 'array<f32>'],
      ['weights', 'read', 'array<f32>'],
      ['statistics', 'read_write', 'array<vec2<f32>>'],
      ...positiveBindings(options),
    ],
    body: `${functions(options)}\n\n${main}`,
    workgroups,
    flops: 10 * rows * columns,
    bytes: 12 * rows * columns,
  });
}

/**
 * Adds the rows up: `result = (loss, 0, Σ w, loss scale)`. One workgroup. With `scaled`, the gradient that follows is multiplied by the loss scale
 * (`finishStep`); the loss itself is not.
 *
 * Bindings: statistics, result, and with `scaled` the loss scaling.
 */
export function elementLossSum(
  rows: number,
  { cooperative, scaled }: { readonly cooperative: boolean; readonly scaled: boolean },
): Kernel {
  const size = cooperative ? 128 : 1;
  const reduction = workgroupSum(size, 'vec2<f32>');
  return makeKernel({
    label: `elementLossSum ${rows}${cooperative ? ' coop' : ''}${scaled ? ' scaled' : ''}`,
    bindings: [
      ['statistics', 'read', 'array<vec2<f32>>'],
      ['result', 'read_write', 'array<vec4<f32>>'],
      ...(scaled ? [['scaling', 'read', 'array<vec4<f32>>'] as const] : []),
    ],
    body: `${cooperative ? reduction.declaration : ''}

@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) lid: u32) {
  var sums = vec2<f32>();
  for (var row = lid; row < ${rows}u; row += ${size}u) { sums += statistics[row]; }
${cooperative ? `${reduction.reduce('sums')}\n  if (lid != 0u) { return; }\n  let total = shared_sums[0];` : '  let total = sums;'}
  let loss = select(0.0, total.x / total.y, total.y > 0.0);
  result[0] = vec4<f32>(loss, 0.0, total.y, ${scaled ? 'scaling[0].x' : '1.0'});
}`,
    workgroups: [1, 1, 1],
    flops: 2 * rows,
    bytes: 8 * rows,
  });
}

/**
 * The gradient of what is predicted, times the loss scale of `result`.
 *
 * Bindings: predicted, targets, weights, result, dPredicted, then weights of positives where there are any.
 */
export function elementLossBackward(
  shape: ElementLossShape,
  options: ElementLossOptions & { readonly accumulate: boolean },
): Kernel {
  const { rows, columns } = shape;
  const { main, workgroups } = perThread(
    rows * columns,
    64,
    `  let w = weights[index];
  var gradient = 0.0;
  if (w > 0.0) {
    gradient = w * slope(predicted[index], targets[index], index % ${columns}u) * result[0].w / result[0].z;
  }
  d_predicted[index] ${options.accumulate ? '+=' : '='} gradient;`,
  );
  return makeKernel({
    label: `elementLossBackward ${nameOf(shape, options)}${options.accumulate ? ' add' : ''}`,
    bindings: [
      ['predicted', 'read', 'array<f32>'],
      ['targets', 'read', 'array<f32>'],
      ['weights', 'read', 'array<f32>'],
      ['result', 'read', 'array<vec4<f32>>'],
      ['d_predicted', 'read_write', 'array<f32>'],
      ...positiveBindings(options),
    ],
    body: `${functions(options)}\n\n${main}`,
    workgroups,
    flops: 12 * rows * columns,
    bytes: 16 * rows * columns,
  });
}
