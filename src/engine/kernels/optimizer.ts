import type { OptimizerOptions } from '../executor';
import type { UpdateSettings } from '../parameter-groups';
import { momentNames } from '../trainer-state';
import type { Kernel } from './kernel';
import { f32, linearGrid, makeKernel } from './wgsl';

/** One stretch of a pool that is updated alike. Offsets and counts are in elements, offsets multiples of 4. */
export interface UpdateSegment extends UpdateSettings {
  readonly weight: number;
  /** Offset in the gradient pool and, equally, in the pools of the moments. */
  readonly gradient: number;
  readonly count: number;
}

const wordsPerGroup = 8;

/** Vectors of four elements that one workgroup updates. */
const vectorsPerGroup = 512;

const groupSize = 64;

/** The table that `optimizerStep` reads: one row of eight words per workgroup. */
export function updateTable(segments: readonly UpdateSegment[]): Uint32Array<ArrayBuffer> {
  const groups = segments.reduce((sum, { count }) => sum + Math.ceil(count / 4 / vectorsPerGroup), 0);
  const table = new Uint32Array(groups * wordsPerGroup);
  const floats = new Float32Array(table.buffer);
  let at = 0;
  for (const { weight, gradient, count, rateFactor, weightDecay, clamp } of segments) {
    const vectors = Math.ceil(count / 4);
    for (let start = 0; start < vectors; start += vectorsPerGroup) {
      table[at] = weight / 4 + start;
      table[at + 1] = gradient / 4 + start;
      table[at + 2] = Math.min(vectorsPerGroup, vectors - start);
      table[at + 3] = clamp === null ? 0 : 1;
      floats[at + 4] = weightDecay;
      floats[at + 5] = clamp?.[0] ?? 0;
      floats[at + 6] = clamp?.[1] ?? 0;
      floats[at + 7] = rateFactor;
      at += wordsPerGroup;
    }
  }
  return table;
}

/** WGSL that updates `w` from `g` and the moments, with `decay`, the learning `rate` and the scalars at hand. */
function ruleBody(rule: OptimizerOptions): string {
  switch (rule.type) {
    case 'adamw':
    case 'adam': {
      const decoupled = rule.type === 'adamw';
      return `${decoupled ? 'w -= rate * decay * w;' : 'g += decay * w;'}
    let m = moment0[at] + ${f32(1 - rule.beta1)} * (g - moment0[at]);
    let v = ${f32(rule.beta2)} * moment1[at] + ${f32(1 - rule.beta2)} * g * g;
    moment0[at] = m;
    moment1[at] = v;
    let denominator = sqrt(v) * inverse_root + ${f32(rule.epsilon)};
    w -= step_size * m / denominator;`;
    }
    case 'sgd': {
      if (rule.momentum === 0) return `g += decay * w;\n    w -= rate * g;`;
      // PyTorch takes the first gradient for the buffer: so does a buffer of zeros.
      return `g += decay * w;
    let b = ${f32(rule.momentum)} * moment0[at] + g;
    moment0[at] = b;
    w -= rate * ${rule.nesterov ? `(g + ${f32(rule.momentum)} * b)` : 'b'};`;
    }
    default:
      return rule satisfies never;
  }
}

/**
 * One optimizer step over a whole pool, as PyTorch's `AdamW` (Loshchilov & Hutter 2019, arXiv 1711.05101), `Adam` (Kingma & Ba 2015,
 * arXiv 1412.6980) and `SGD` define it. Gradients are scaled by `control[0].x` first; nothing happens where `control[0].y` is 0. Adam's bias
 * corrections are `control[1].xy`.
 *
 * Bindings: scalars, table (`updateTable`), control (`finishStep`), weights, gradients, then a pool per moment (`momentNames`).
 */
export function optimizerStep(table: Uint32Array, rule: OptimizerOptions): Kernel {
  const groups = table.length / wordsPerGroup;
  const grid = linearGrid(groups);
  const moments = momentNames(rule).map((_, index) => [`moment${index}`, 'read_write', 'array<vec4<f32>>'] as const);
  const adam = rule.type !== 'sgd';
  return makeKernel({
    label: `optimizerStep ${groups} ${JSON.stringify(rule)}`,
    bindings: [
      'scalars',
      ['table', 'read', 'array<vec4<u32>>'],
      ['control', 'read', 'array<vec4<f32>>'],
      ['weights', 'read_write', 'array<vec4<f32>>'],
      ['gradients', 'read', 'array<vec4<f32>>'],
      ...moments,
    ],
    body: `@compute @workgroup_size(${groupSize})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let row = group.y * ${grid[0]}u + group.x;
  if (row >= ${groups}u || control[0].y == 0.0) { return; }
  let span = table[2u * row];
  let limits = bitcast<vec4<f32>>(table[2u * row + 1u]);
  let decay = limits.x;
  let rate = scalars.learning_rate * limits.w;
  let factor = control[0].x;
  ${adam ? 'let step_size = rate / control[1].x;\n  let inverse_root = inverseSqrt(control[1].y);' : ''}
  for (var i = lid; i < span.z; i += ${groupSize}u) {
    let at = span.y + i;
    var g = gradients[at] * factor;
    var w = weights[span.x + i];
    ${ruleBody(rule)}
    if (span.w == 1u) { w = clamp(w, vec4<f32>(limits.y), vec4<f32>(limits.z)); }
    weights[span.x + i] = w;
  }
}`,
    workgroups: grid,
    flops: 4 * groups * vectorsPerGroup * 14,
    bytes: 4 * groups * vectorsPerGroup * 4 * (3 + 2 * moments.length),
  });
}
