import type { Kernel } from '../../kernels/kernel';
import { workgroupSum } from '../../kernels/target';
import { f32, makeKernel, perThread } from '../../kernels/wgsl';
import { pairFunctions } from './pairs';

/**
 * The loss and what its gradient needs: per sample the log-sum-exp of its row and of its column and the label smoothing mass per counted
 * pair, `statistics[i] = (row, column, smoothing / counted pairs, 0)`; result `(loss, dLoss/dLogitScale, samples, loss scale)`. One workgroup.
 * With `scaled`, the derivatives that follow are multiplied by the loss scale (`finishStep`); the loss itself is not.
 *
 * Bindings: similarities, logitScale, imageKeys, textKeys, statistics, result, and with `scaled` the loss scaling.
 */
export function contrastiveStatistics(
  batch: number,
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
  const body = `${pairFunctions}

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
export function contrastivePairGradients(batch: number, options: { readonly labelSmoothing: number }): Kernel {
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
    body: `${pairFunctions}

${main}`,
    workgroups,
    flops: 30 * batch * batch,
    bytes: 8 * batch * batch,
  });
}
