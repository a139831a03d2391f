import type { Kernel } from '../../kernels/kernel';
import { workgroupSum } from '../../kernels/target';
import { makeKernel, perThread } from '../../kernels/wgsl';
import { pairFunctions } from '../contrastive-loss/pairs';

/**
 * `miss(i, j)`: how far a pair is from its label, `-t z` with label t = 1 on the diagonal and -1 elsewhere, and `pull(i, j)`: the derivative of
 * `-log σ(t z)` in the logit z.
 */
function logitFunctions(batch: number): string {
  return `fn label(i: u32, j: u32) -> f32 { return select(-1.0, 1.0, i == j); }

fn miss(i: u32, j: u32) -> f32 {
  return -label(i, j) * (exp(logit_scale[0]) * similarities[i * ${batch}u + j] + logit_bias[0]);
}

fn pull(i: u32, j: u32) -> f32 { return -label(i, j) / (1.0 + exp(-miss(i, j))); }`;
}

/**
 * The loss and the derivatives of its scalars: result `(loss, dLoss/dLogitScale, dLoss/dLogitBias, loss scale / samples)`. One workgroup. With
 * `scaled`, derivatives are multiplied by the loss scale (`finishStep`); the loss itself is not.
 *
 * Bindings: similarities `[batch, batch]` (`pairSimilarities`), logitScale, logitBias, imageKeys, textKeys, result, and with `scaled` the loss
 * scaling.
 */
export function sigmoidPairs(
  batch: number,
  { cooperative, scaled }: { readonly cooperative: boolean; readonly scaled: boolean },
): Kernel {
  const size = cooperative ? 128 : 1;
  const reduction = workgroupSum(size, 'vec4<f32>');
  return makeKernel({
    label: `sigmoidPairs ${batch}${cooperative ? ' coop' : ''}${scaled ? ' scaled' : ''}`,
    bindings: [
      ['similarities', 'read', 'array<f32>'],
      ['logit_scale', 'read', 'array<f32>'],
      ['logit_bias', 'read', 'array<f32>'],
      ['image_keys', 'read', 'array<i32>'],
      ['text_keys', 'read', 'array<i32>'],
      ['result', 'read_write', 'array<vec4<f32>>'],
      ...(scaled ? [['scaling', 'read', 'array<vec4<f32>>'] as const] : []),
    ],
    body: `${pairFunctions}

${logitFunctions(batch)}

// Most pairs of a trained model are far on the right side, where 1 + e is 1 but for a few bits: the series keeps them.
fn log_of_one_plus(e: f32) -> f32 { return select(log(1.0 + e), e * (1.0 - e * (0.5 - e / 3.0)), e < 0.01); }

${cooperative ? reduction.declaration : ''}

@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) lid: u32) {
  let scale = exp(logit_scale[0]);
  var sums = vec4<f32>();
  for (var index = lid; index < ${batch * batch}u; index += ${size}u) {
    let i = index / ${batch}u;
    let j = index % ${batch}u;
    if (is_counted(i, j)) {
      let x = miss(i, j);
      let g = pull(i, j);
      sums += vec4<f32>(max(x, 0.0) + log_of_one_plus(exp(-abs(x))), g * scale * similarities[index], g, select(0.0, 1.0, i == j));
    }
  }
${cooperative ? `${reduction.reduce('sums')}\n  if (lid != 0u) { return; }\n  let total = shared_sums[0];` : '  let total = sums;'}
  let share = 1.0 / max(total.w, 1.0);
  let gradient_share = share${scaled ? ' * scaling[0].x' : ''};
  result[0] = vec4<f32>(total.x * share, total.y * gradient_share, total.z * gradient_share, gradient_share);
}`,
    workgroups: [1, 1, 1],
    flops: 30 * batch * batch,
    bytes: 4 * batch * batch,
  });
}

/**
 * Replaces the similarities by the derivatives of the loss in them, times the loss scale.
 *
 * Bindings: similarities, logitScale, logitBias, imageKeys, textKeys, result (of `sigmoidPairs`).
 */
export function sigmoidPairGradients(batch: number): Kernel {
  const { main, workgroups } = perThread(
    batch * batch,
    32,
    `  let i = index / ${batch}u;
  let j = index % ${batch}u;
  var gradient = 0.0;
  if (is_counted(i, j)) { gradient = pull(i, j) * exp(logit_scale[0]) * result[0].w; }
  similarities[index] = gradient;`,
  );
  return makeKernel({
    label: `sigmoidPairGradients ${batch}`,
    bindings: [
      ['similarities', 'read_write', 'array<f32>'],
      ['logit_scale', 'read', 'array<f32>'],
      ['logit_bias', 'read', 'array<f32>'],
      ['image_keys', 'read', 'array<i32>'],
      ['text_keys', 'read', 'array<i32>'],
      ['result', 'read', 'array<vec4<f32>>'],
    ],
    body: `${pairFunctions}

${logitFunctions(batch)}

${main}`,
    workgroups,
    flops: 20 * batch * batch,
    bytes: 8 * batch * batch,
  });
}
