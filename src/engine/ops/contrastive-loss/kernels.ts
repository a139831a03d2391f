import type { Kernel } from '../../kernels/kernel';
import { workgroupSum } from '../../kernels/target';
import { f32, makeKernel, perThread, vectorOf } from '../../kernels/wgsl';

export interface ContrastiveLossShape {
  readonly batch: number;
  readonly width: number;
}

/** Pairs that the softmax leaves out, as `ContrastiveLossNode` defines them. */
const maskFunctions = /* wgsl */ `fn is_sample(i: u32) -> bool { return image_keys[i] >= 0; }

fn is_counted(i: u32, j: u32) -> bool {
  if (!is_sample(i) || !is_sample(j)) { return false; }
  return i == j || (image_keys[i] != image_keys[j] && text_keys[i] != text_keys[j]);
}`;

/**
 * `similarities[i, j] = image[i] · text[j]`, unscaled. Bindings: image, text, similarities `[batch, batch]`.
 */
export function contrastiveSimilarities({ batch, width }: ContrastiveLossShape): Kernel {
  const { type, width: lanes, sum } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * batch,
    32,
    `  let i = index / ${batch}u;
  let j = index % ${batch}u;
  var total = ${type}();
  for (var k = 0u; k < ${length}u; k++) { total += image[i * ${length}u + k] * text[j * ${length}u + k]; }
  similarities[index] = ${sum('total')};`,
  );
  return makeKernel({
    label: `contrastiveSimilarities ${batch}x${width}`,
    bindings: [
      ['image', 'read', `array<${type}>`],
      ['text', 'read', `array<${type}>`],
      ['similarities', 'read_write', 'array<f32>'],
    ],
    body: main,
    workgroups,
    flops: 2 * batch * batch * width,
    bytes: 4 * (2 * batch * width + batch * batch),
  });
}

/**
 * The loss and what its gradient needs: per sample the log-sum-exp of its row and of its column and the label smoothing mass per counted
 * pair, `statistics[i] = (row, column, smoothing / counted pairs, 0)`; result `(loss, dLoss/dLogitScale, samples, loss scale)`. One workgroup.
 * With `scaled`, the derivatives that follow are multiplied by the loss scale (`finishStep`); the loss itself is not.
 *
 * Bindings: similarities, logitScale, imageKeys, textKeys, statistics, result, and with `scaled` the loss scaling.
 */
export function contrastiveStatistics(
  { batch }: ContrastiveLossShape,
  options: { readonly labelSmoothing: number; readonly cooperative: boolean; readonly scaled: boolean },
): Kernel {
  const { labelSmoothing, cooperative, scaled } = options;
  const size = cooperative ? 128 : 1;
  const reduction = workgroupSum(size, 'vec4<f32>');
  // A row and its column have equally many counted pairs, because the mask is symmetric.
  const side = (name: string, at: string): string => `    var ${name}_max = -3e38f;
    for (var j = 0u; j < ${batch}u; j++) {
      if (is_counted(i, j)) { ${name}_max = max(${name}_max, scale * similarities[${at}]); }
    }
    var ${name}_sum = 0.0;
    var ${name}_mean = 0.0;
    for (var j = 0u; j < ${batch}u; j++) {
      if (is_counted(i, j)) {
        let z = scale * similarities[${at}];
        ${name}_sum += exp(z - ${name}_max);
        ${name}_mean += z;
      }
    }
    ${name}_mean /= counted;
    let ${name}_lse = ${name}_max + log(${name}_sum);
    var ${name}_expected = 0.0;
    for (var j = 0u; j < ${batch}u; j++) {
      if (is_counted(i, j)) {
        let z = scale * similarities[${at}];
        ${name}_expected += exp(z - ${name}_lse) * z;
      }
    }
    let ${name}_target = ${f32(1 - labelSmoothing)} * diagonal + ${f32(labelSmoothing)} * ${name}_mean;
    sums += vec4<f32>(${name}_lse - ${name}_target, ${name}_expected - ${name}_target, 0.0, 0.0);`;
  const finish = `  let samples = max(total.z, 1.0);
    result[0] = vec4<f32>(total.x / (2.0 * samples), ${scaled ? 'scaling[0].x * ' : ''}total.y / (2.0 * samples), total.z, ${scaled ? 'scaling[0].x' : '1.0'});`;
  const body = `${maskFunctions}

${cooperative ? reduction.declaration : ''}

@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) lid: u32) {
  let scale = exp(logit_scale[0]);
  var sums = vec4<f32>();
  for (var i = lid; i < ${batch}u; i += ${size}u) {
    if (!is_sample(i)) {
      statistics[i] = vec4<f32>();
      continue;
    }
    var counted = 0.0;
    for (var j = 0u; j < ${batch}u; j++) { if (is_counted(i, j)) { counted += 1.0; } }
    let diagonal = scale * similarities[i * ${batch + 1}u];
${side('row', `i * ${batch}u + j`)}
${side('column', `j * ${batch}u + i`)}
    statistics[i] = vec4<f32>(row_lse, column_lse, ${f32(labelSmoothing)} / counted, 0.0);
    sums.z += 1.0;
  }
${
  cooperative
    ? `${reduction.reduce('sums')}
  if (lid == 0u) {
    let total = shared_sums[0];
  ${finish}
  }`
    : `  {
    let total = sums;
  ${finish}
  }`
}
}`;
  return makeKernel({
    label: `contrastiveStatistics ${batch} smooth${labelSmoothing}${cooperative ? ' coop' : ''}${scaled ? ' scaled' : ''}`,
    bindings: [
      ['similarities', 'read', 'array<f32>'],
      ['logit_scale', 'read', 'array<f32>'],
      ['image_keys', 'read', 'array<i32>'],
      ['text_keys', 'read', 'array<i32>'],
      ['statistics', 'read_write', 'array<vec4<f32>>'],
      ['result', 'read_write', 'array<vec4<f32>>'],
      ...(scaled ? [['scaling', 'read', 'array<vec4<f32>>'] as const] : []),
    ],
    body,
    workgroups: [1, 1, 1],
    flops: 40 * batch * batch,
    bytes: 24 * batch * batch,
  });
}

/**
 * Replaces the similarities by the derivatives of the loss with respect to them (before the logit scale), from the saved log-sum-exps, times
 * the loss scale of `result`.
 *
 * Bindings: similarities, logitScale, imageKeys, textKeys, statistics, result.
 */
export function contrastivePairGradients(
  { batch }: ContrastiveLossShape,
  options: { readonly labelSmoothing: number },
): Kernel {
  const { labelSmoothing } = options;
  const { main, workgroups } = perThread(
    batch * batch,
    32,
    `  let i = index / ${batch}u;
  let j = index % ${batch}u;
  if (!is_counted(i, j)) {
    similarities[index] = 0.0;
    return;
  }
  let scale = exp(logit_scale[0]);
  let z = scale * similarities[index];
  let target_mass = select(0.0, ${f32(2 * (1 - labelSmoothing))}, i == j) + statistics[i].z + statistics[j].z;
  let pull = exp(z - statistics[i].x) + exp(z - statistics[j].y) - target_mass;
  similarities[index] = pull * scale * result[0].w / (2.0 * max(result[0].z, 1.0));`,
  );
  return makeKernel({
    label: `contrastivePairGradients ${batch} smooth${labelSmoothing}`,
    bindings: [
      ['similarities', 'read_write', 'array<f32>'],
      ['logit_scale', 'read', 'array<f32>'],
      ['image_keys', 'read', 'array<i32>'],
      ['text_keys', 'read', 'array<i32>'],
      ['statistics', 'read', 'array<vec4<f32>>'],
      ['result', 'read', 'array<vec4<f32>>'],
    ],
    body: `${maskFunctions}

${main}`,
    workgroups,
    flops: 30 * batch * batch,
    bytes: 8 * batch * batch,
  });
}

/**
 * Gradients of the features, and of the logit scale where wanted: one invocation owns one column vector of one sample.
 *
 * Bindings: pairs (of `contrastivePairGradients`), image, text, dImage, dText, and where the logit scale's is wanted result, dLogitScale.
 */
export function contrastiveBackward(
  { batch, width }: ContrastiveLossShape,
  options: { readonly logitScale: 'none' | 'write' | 'add' },
): Kernel {
  const { logitScale } = options;
  const { type, width: lanes } = vectorOf(width);
  const length = width / lanes;
  const { main, workgroups } = perThread(
    batch * length,
    32,
    `  let i = index / ${length}u;
  let column = index % ${length}u;
  var image_total = ${type}();
  var text_total = ${type}();
  for (var j = 0u; j < ${batch}u; j++) {
    image_total += pairs[i * ${batch}u + j] * text[j * ${length}u + column];
    text_total += pairs[j * ${batch}u + i] * image[j * ${length}u + column];
  }
  d_image[index] = image_total;
  d_text[index] = text_total;
  ${logitScale === 'none' ? '' : `if (index == 0u) { d_logit_scale[0] ${logitScale === 'add' ? '+=' : '='} result[0].y; }`}`,
  );
  return makeKernel({
    label: `contrastiveBackward ${batch}x${width} ${logitScale}`,
    bindings: [
      ['pairs', 'read', 'array<f32>'],
      ['image', 'read', `array<${type}>`],
      ['text', 'read', `array<${type}>`],
      ['d_image', 'read_write', `array<${type}>`],
      ['d_text', 'read_write', `array<${type}>`],
      ...(logitScale === 'none'
        ? []
        : ([
            ['result', 'read', 'array<vec4<f32>>'],
            ['d_logit_scale', 'read_write', 'array<f32>'],
          ] as const)),
    ],
    body: main,
    workgroups,
    flops: 4 * batch * batch * width,
    bytes: 4 * (batch * batch + 4 * batch * width),
  });
}
