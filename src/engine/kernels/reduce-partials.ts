import type { Kernel } from './kernel';
import { linearGrid, makeKernel } from './wgsl';

/** One gradient that was computed as partial sums: `gradient[i] = Σ_s partials[s * stride + i]`, offsets in elements. */
export interface PartialSums {
  readonly partials: number;
  readonly slices: number;
  readonly stride: number;
  readonly gradient: number;
  readonly count: number;
  readonly accumulate: boolean;
}

const groupSize = 64;
const wordsPerGroup = 8;

/** The table that `reducePartials` reads: one row of eight words per workgroup. */
export function partialSumsTable(segments: readonly PartialSums[]): Uint32Array<ArrayBuffer> {
  const rows: number[] = [];
  for (const { partials, slices, stride, gradient, count, accumulate } of segments) {
    for (let start = 0; start < count; start += groupSize) {
      rows.push(
        partials + start,
        slices,
        stride,
        gradient + start,
        Math.min(groupSize, count - start),
        accumulate ? 1 : 0,
        0,
        0,
      );
    }
  }
  return new Uint32Array(rows);
}

/**
 * Second stage of every two-stage gradient at once: adds up the slices in a fixed order.
 *
 * Bindings: table (`partialSumsTable`), partials, gradients.
 */
export function reducePartials(table: Uint32Array): Kernel {
  const groups = table.length / wordsPerGroup;
  const grid = linearGrid(groups);
  return makeKernel({
    label: `reducePartials ${groups}`,
    bindings: [
      ['table', 'read', 'array<vec4<u32>>'],
      ['partials', 'read', 'array<f32>'],
      ['gradients', 'read_write', 'array<f32>'],
    ],
    body: `@compute @workgroup_size(${groupSize})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lid: u32) {
  let row = group.y * ${grid[0]}u + group.x;
  if (row >= ${groups}u) { return; }
  let a = table[2u * row];
  let b = table[2u * row + 1u];
  if (lid >= b.x) { return; }
  var total = 0.0;
  for (var slice = 0u; slice < a.y; slice++) { total += partials[a.x + slice * a.z + lid]; }
  if (b.y == 1u) { total += gradients[a.w + lid]; }
  gradients[a.w + lid] = total;
}`,
    workgroups: grid,
    flops: groups * groupSize * 8,
    bytes: groups * groupSize * 4 * 9,
  });
}
