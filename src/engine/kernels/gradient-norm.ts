import type { Kernel } from './kernel';
import type { OptimizerOptions } from '../executor';
import { workgroupSum } from './target';
import { f32, makeKernel, perThread } from './wgsl';

/** Partial sums that one `squaredSums` dispatch leaves. */
export function squaredSumsCount(length: number, cooperative: boolean): number {
  return Math.max(1, Math.min(cooperative ? 16_384 : 256, Math.ceil(length / 64)));
}

/**
 * First stage of the global L2 norm: `partials[i]`, one per invocation, of the squares of a pool. `length` counts elements, a multiple of 4.
 *
 * Bindings: values, partials.
 */
export function squaredSums(length: number, options: { readonly cooperative: boolean }): Kernel {
  const count = squaredSumsCount(length, options.cooperative);
  const vectors = length / 4;
  // On a GPU neighbours read neighbouring vectors; on a CPU each invocation streams through a stretch of its own.
  const stretch = Math.ceil(vectors / count);
  const range = options.cooperative
    ? `var i = index; i < ${vectors}u; i += ${count}u`
    : `var i = index * ${stretch}u; i < min((index + 1u) * ${stretch}u, ${vectors}u); i++`;
  const { main, workgroups } = perThread(
    count,
    options.cooperative ? 64 : 8,
    `  var total = vec4<f32>();
  for (${range}) { let v = values[i]; total += v * v; }
  partials[index] = dot(total, vec4<f32>(1.0));`,
  );
  return makeKernel({
    label: `squaredSums ${length}${options.cooperative ? ' coop' : ''}`,
    bindings: [
      ['values', 'read', 'array<vec4<f32>>'],
      ['partials', 'read_write', 'array<f32>'],
    ],
    body: main,
    workgroups,
    flops: 2 * length,
    bytes: 4 * length,
  });
}

/**
 * The loss scale that mixed precision begins with, and how it changes: as `torch.amp.GradScaler` by default, but it never exceeds the first
 * scale, which leaves room enough for small gradients. Adapters may round what is too large for f16 to the largest f16, where nothing
 * would tell that a larger scale is too large.
 */
const lossScale = { initial: 65_536, growthSteps: 2000, least: 1 } as const;

/**
 * Words of a step's reading: step (u32), loss, norm, outcome (u32, `stepOutcomes`), and the logit scale where `finishStep` is given it; the rest
 * is unused.
 */
export const readingWords = 8;

/** What became of a step: the fourth word of its reading. */
export const stepOutcomes = { notTaken: 0, taken: 1, overflowed: 2 } as const;

/**
 * What a trainer counts on the device, as the four floats of one vector: loss scale, good steps in a row since it last changed, steps that the
 * optimizer took, 0. In float32 the first two stay as they are. Counts are exact up to 2^24; bias corrections are 1 long before.
 */
export const initialProgress: readonly number[] = [lossScale.initial, 0, 0, 0];

const changeOfScale = /* wgsl */ `  if (taken) {
    let good = counts.y + 1.0;
    let grows = good >= ${f32(lossScale.growthSteps)};
    counts.x = min(${f32(lossScale.initial)}, select(1.0, 2.0, grows) * loss_scale);
    counts.y = select(good, 0.0, grows);
  } else if (is_finite_bits(bitcast<u32>(loss[0])) && loss_scale > ${f32(lossScale.least)}) {
    counts.x = 0.5 * loss_scale;
    counts.y = 0.0;
    outcome = ${stepOutcomes.overflowed}u;
  }
`;

/**
 * `1 - beta^steps`, of which `1 - pow(beta, steps)` would lose most digits in f32: with x the logarithm of the power, the series of `1 - e^y` for
 * y = x / 64, doubled six times by `1 - e^2y = c (2 - c)`.
 */
const biasCorrection = /* wgsl */ `fn bias_correction(steps: f32, log_beta: f32) -> f32 {
  let y = max(steps * log_beta, -20.0) / 64.0;
  var c = -y * (1.0 + y / 2.0 * (1.0 + y / 3.0 * (1.0 + y / 4.0 * (1.0 + y / 5.0 * (1.0 + y / 6.0 * (1.0 + y / 7.0))))));
  for (var i = 0; i < 6; i++) { c *= 2.0 - c; }
  return c;
}`;

/** The natural log of Adam's beta as an f32 literal; that of 0 is as small as makes no difference. */
function logLiteral(beta: number): string {
  return f32(Math.max(Math.log(beta), -1e3));
}

/**
 * Second stage: the norm, the clipping factor as `torch.nn.utils.clip_grad_norm_` computes it, and the step's reading.
 * `control[0] = (factor, 1 if the step may be taken else 0, norm, loss)`; the ring row of this step gets its reading (`readingWords`).
 * A step whose loss or norm is not finite is not taken, and not counted: Adam's bias corrections, `control[1].xy`, follow the steps that its
 * moments have seen, as they do in PyTorch where `GradScaler` leaves a step out.
 *
 * With `scaled`, gradients are those of the loss times the loss scale, and the factor takes that back. Dynamic loss scaling (Micikevicius et
 * al. 2018, arXiv 1710.03740): where they are not finite though the loss is, the scale was too large and is halved; after enough good steps
 * it is doubled.
 *
 * Bindings: scalars, partials, loss, control, ring, progress (`initialProgress`), and with `logitScale` the natural log of that scale, whose
 * exponential the reading then holds.
 */
export function finishStep(
  partials: number,
  options: {
    readonly maxNorm: number | null;
    readonly cooperative: boolean;
    readonly scaled: boolean;
    readonly logitScale: boolean;
    readonly optimizer: OptimizerOptions;
  },
): Kernel {
  const { maxNorm, cooperative, scaled, logitScale, optimizer } = options;
  const size = cooperative ? 256 : 1;
  const reduction = workgroupSum(size, 'f32');
  const factor = maxNorm === null ? '1.0' : `min(1.0, ${f32(maxNorm)} / (norm + 1e-6))`;
  const corrections =
    optimizer.type === 'sgd'
      ? null
      : [optimizer.beta1, optimizer.beta2].map((beta) => `bias_correction(counts.z, ${logLiteral(beta)})`);
  return makeKernel({
    label: `finishStep ${partials} max${String(maxNorm)} ${optimizer.type}${cooperative ? ' coop' : ''}${scaled ? ' scaled' : ''}${logitScale ? ' scale' : ''}`,
    bindings: [
      'scalars',
      ['partials', 'read', 'array<f32>'],
      ['loss', 'read', 'array<f32>'],
      ['control', 'read_write', 'array<vec4<f32>>'],
      ['ring', 'read_write', 'array<vec4<u32>>'],
      ['progress', 'read_write', 'array<vec4<f32>>'],
      ...(logitScale ? [['logit_scale', 'read', 'array<f32>'] as const] : []),
    ],
    body: `// The bit pattern tells: WGSL lets a compiler assume that a float comparison never meets NaN or infinity.
fn is_finite_bits(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }

${corrections === null ? '' : biasCorrection}

${cooperative ? reduction.declaration : ''}

@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) lid: u32) {
  var squares = 0.0;
  for (var i = lid; i < ${partials}u; i += ${size}u) { squares += partials[i]; }
${cooperative ? `${reduction.reduce('squares')}\n  if (lid != 0u) { return; }\n  let total = shared_sums[0];` : '  let total = squares;'}
  var counts = progress[0];
${scaled ? '  let loss_scale = counts.x;\n  let norm = sqrt(total) / loss_scale;' : '  let norm = sqrt(total);'}
  let taken = is_finite_bits(bitcast<u32>(total)) && is_finite_bits(bitcast<u32>(loss[0]));
  control[0] = vec4<f32>(${factor}${scaled ? ' / loss_scale' : ''}, select(0.0, 1.0, taken), norm, loss[0]);
  var outcome = select(${stepOutcomes.notTaken}u, ${stepOutcomes.taken}u, taken);
  counts.z += select(0.0, 1.0, taken);
${corrections === null ? '' : `  control[1] = vec4<f32>(${corrections.join(', ')}, 0.0, 0.0);\n`}${scaled ? changeOfScale : ''}  progress[0] = counts;
  ring[2u * scalars.ring_slot] = vec4<u32>(scalars.step, bitcast<u32>(loss[0]), bitcast<u32>(norm), outcome);
${logitScale ? '  ring[2u * scalars.ring_slot + 1u] = vec4<u32>(bitcast<u32>(exp(logit_scale[0])), 0u, 0u, 0u);\n' : ''}}`,
    workgroups: [1, 1, 1],
    flops: partials,
    bytes: 4 * partials,
  });
}
