import type { Kernel } from './kernel';
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
 * Second stage: the norm, the clipping factor as `torch.nn.utils.clip_grad_norm_` computes it, and the step's reading.
 * `control = (factor, 1 if the step may be taken else 0, norm, loss)`; the ring row of this step gets `(step, loss, norm, taken)`.
 * A step whose loss or norm is not finite is not taken.
 *
 * Bindings: scalars, partials, loss, control, ring.
 */
export function finishStep(
  partials: number,
  options: { readonly maxNorm: number | null; readonly cooperative: boolean },
): Kernel {
  const { maxNorm, cooperative } = options;
  const size = cooperative ? 256 : 1;
  const reduction = workgroupSum(size, 'f32');
  const factor = maxNorm === null ? '1.0' : `min(1.0, ${f32(maxNorm)} / (norm + 1e-6))`;
  return makeKernel({
    label: `finishStep ${partials} max${String(maxNorm)}${cooperative ? ' coop' : ''}`,
    bindings: [
      'scalars',
      ['partials', 'read', 'array<f32>'],
      ['loss', 'read', 'array<f32>'],
      ['control', 'read_write', 'array<vec4<f32>>'],
      ['ring', 'read_write', 'array<vec4<u32>>'],
    ],
    body: `// The bit pattern tells: WGSL lets a compiler assume that a float comparison never meets NaN or infinity.
fn is_finite_bits(bits: u32) -> bool { return (bits & 0x7f800000u) != 0x7f800000u; }

${cooperative ? reduction.declaration : ''}

@compute @workgroup_size(${size})
fn main(@builtin(local_invocation_index) lid: u32) {
  var squares = 0.0;
  for (var i = lid; i < ${partials}u; i += ${size}u) { squares += partials[i]; }
${cooperative ? `${reduction.reduce('squares')}\n  if (lid != 0u) { return; }\n  let total = shared_sums[0];` : '  let total = squares;'}
  let norm = sqrt(total);
  let taken = is_finite_bits(bitcast<u32>(total)) && is_finite_bits(bitcast<u32>(loss[0]));
  control[0] = vec4<f32>(${factor}, select(0.0, 1.0, taken), norm, loss[0]);
  ring[scalars.ring_slot] = vec4<u32>(scalars.step, bitcast<u32>(loss[0]), bitcast<u32>(norm), select(0u, 1u, taken));
}`,
    workgroups: [1, 1, 1],
    flops: partials,
    bytes: 4 * partials,
  });
}
