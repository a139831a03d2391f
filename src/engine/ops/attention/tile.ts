import { headPlaces, type AttentionProblem } from './problem';
import type { Tile } from './tile-size';
import { maxWorkgroupsPerDimension, partsOf, type Kernel } from '../../kernels/kernel';
import { makeKernel, type KernelParts } from '../../kernels/wgsl';

/** The kernel whose workgroups each run `body` on one tile, with `sequence`, `batch`, `tile_start`, `keys` and the places of the head in scope. */
export function tileKernel(
  problem: AttentionProblem,
  tile: Tile,
  { label, ...parts }: Pick<KernelParts, 'label' | 'bindings' | 'flops' | 'bytes'>,
  declarations: readonly string[],
  body: readonly string[],
): Kernel {
  const { batch, heads, dropoutFunction } = problem;
  const { worker } = tile.variant;
  const tiles = Math.ceil(tile.rowTokens / tile.rows);
  const sequences = batch * heads;
  const split = partsOf(tiles * sequences, parts.flops, problem.mostFlops.tile, sequences > maxWorkgroupsPerDimension);
  const place =
    split === null
      ? `  let sequence = group.y;
  let tile_start = group.x * ${tile.rows}u;`
      : `  let index = part[0] + group.x;
  let sequence = index / ${tiles}u;
  let tile_start = (index % ${tiles}u) * ${tile.rows}u;`;
  const size = tile.block === null ? `${tile.rows}` : `${tile.rows}x${tile.block}`;
  return makeKernel(
    {
      ...parts,
      label: `${label} ${problem.label} tile ${worker} ${size}/${tile.lanes}${split === null ? '' : ' parts'}`,
      body: `${dropoutFunction}${declarations.join('\n')}

@compute @workgroup_size(${tile.lanes})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
${place}
  let batch = sequence / ${heads}u;
${headPlaces(problem, `(sequence % ${heads}u)`)}
  let keys = ${problem.keys};
${body.join('\n')}
}`,
      workgroups: [tiles, sequences, 1],
      parts: split,
    },
    worker === 'quad' ? ['subgroups'] : [],
  );
}

/** WGSL expression of the end of the keys that any query of the tile attends to. */
export function queryLimit({ causal, shift }: AttentionProblem, tile: Tile): string {
  return causal ? `min(keys, ${shift}tile_start + ${tile.rows}u)` : 'keys';
}

/** `keep` for four neighbouring keys of one query, or for four neighbouring queries of one key. */
export function keepFour(fixed: 'query' | 'key', token: string): string {
  const calls = [0, 1, 2, 3].map((j) => {
    const moving = `column + ${j}u`;
    return fixed === 'query' ? `keep(sequence, ${token}, ${moving})` : `keep(sequence, ${moving}, ${token})`;
  });
  return `vec4<f32>(${calls.join(', ')})`;
}
