import type { Kernel } from '../../kernels/kernel';
import { clampIndex, operandReader, type OperandReader } from './matmul-operand';
import { variantName, widthOf, type MatmulProblem, type SharedTile } from './matmul-problem';
import { sumRows } from './matmul-sums';
import { makeKernel } from '../../kernels/wgsl';

/** One of the ways to compute a matrix product (`MatmulVariant`): tiles in workgroup memory. */

const component = ['x', 'y', 'z', 'w'] as const;

/**
 * Matrix product with the operands of a workgroup's tile staged in workgroup memory, `depth` steps of the sum at a time. Both operands are
 * stored with the sum's index slowest, so that the inner loop reads whole vectors along rows and columns whatever the layout outside;
 * an operand of layout `inner` is transposed in blocks of 4 × 4 on its way. Suits discrete GPUs, where memory traffic decides.
 */
export function sharedTileMatmul(problem: MatmulProblem, tile: SharedTile): Kernel {
  const { rows, columns, inner, helpers, bindings, bytes } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const tileRows = tile.rows * lanesY;
  const tileColumns = tile.columns * lanesX;
  const tilesX = Math.ceil(columns / tileColumns);
  const tilesY = Math.ceil(rows / tileRows);
  const a = operandReader(problem, 'a');
  const b = operandReader(problem, 'b');
  const lanes = lanesX * lanesY;
  const sums =
    problem.sums === null
      ? []
      : [
          `if (group.x == ${tilesX}u) {`,
          ...sumRows(problem, a, { group: 'group.y', lane: 'index', lanes, perGroup: tileRows }),
          'return;',
          '}',
        ];
  const body = [
    ...sums,
    `let tile_row = group.y * ${tileRows}u;`,
    `let tile_column = group.x * ${tileColumns}u;`,
    `let lane_row = (index / ${lanesX}u) * 4u;`,
    `let lane_column = (index % ${lanesX}u) * 4u;`,
    ...sumNames(tile).map((name) => `var ${name} = vec4<f32>();`),
    `for (var step = 0u; step < ${inner}u; step += ${tile.depth}u) {`,
    ...stage(problem, tile, 'a', a, tileRows, 'tile_row'),
    ...stage(problem, tile, 'b', b, tileColumns, 'tile_column'),
    '  workgroupBarrier();',
    ...products(tile, tileRows, tileColumns),
    '  workgroupBarrier();',
    '}',
    ...stores(problem, tile),
  ];
  return makeKernel({
    label: `${problem.label} ${variantName(tile)}`,
    bindings,
    body: `${helpers}${a.declarations}${b.declarations}
var<workgroup> a_tile: array<vec4<f32>, ${(tile.depth * tileRows) / 4}>;
var<workgroup> b_tile: array<vec4<f32>, ${(tile.depth * tileColumns) / 4}>;

@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
${body.map((line) => `  ${line}`).join('\n')}
}`,
    workgroups: [tilesX + (problem.sums === null ? 0 : 1), tilesY, 1],
    flops: 2 * rows * columns * inner,
    bytes,
  });
}

/** Copies `depth` steps of an operand's tile into workgroup memory. Past the end of the sum the left operand is zero. */
function stage(
  problem: MatmulProblem,
  tile: SharedTile,
  name: 'a' | 'b',
  reader: OperandReader,
  extentOfTile: number,
  start: string,
): string[] {
  const { inner } = problem;
  const extent = name === 'a' ? problem.rows : problem.columns;
  const lanes = tile.lanes[0] * tile.lanes[1];
  const covered = Math.ceil(extent / extentOfTile) * extentOfTile;
  const padded = inner % tile.depth !== 0;
  const kept = (value: string, k: string): string =>
    padded && name === 'a' ? `select(vec4<f32>(), ${value}, ${k} < ${inner}u)` : value;
  const vectors = extentOfTile / 4;
  const lines: string[] = [];
  if (problem[name] === 'outer') {
    const k = padded ? `min(k, ${inner - 1}u)` : 'k';
    lines.push(
      `for (var item = index; item < ${vectors * tile.depth}u; item += ${lanes}u) {`,
      `  let k = step + item / ${vectors}u;`,
      `  let at = ${reader.base(clampIndex(`${start} + (item % ${vectors}u) * 4u`, extent, covered, 4))};`,
      `  let k_at = ${reader.offset(k)};`,
      `  ${name}_tile[item] = ${kept(reader.load('at', 'k_at'), 'k')};`,
      '}',
    );
  } else {
    const steps = tile.depth / 4;
    const last = Math.floor((inner - 1) / 4) * 4;
    lines.push(
      `for (var item = index; item < ${vectors * steps}u; item += ${lanes}u) {`,
      `  let k = step + (item % ${steps}u) * 4u;`,
      `  let k_at = ${reader.offset(padded ? `min(k, ${last}u)` : 'k')};`,
      `  let outer = ${start} + (item / ${steps}u) * 4u;`,
      ...component.flatMap((_, i) => [
        `  let at${i} = ${reader.base(clampIndex(`outer + ${i}u`, extent, covered, 1))};`,
        `  let v${i} = ${kept(reader.load(`at${i}`, 'k_at'), 'k')};`,
      ]),
      `  let to = (item % ${steps}u) * ${4 * vectors}u + item / ${steps}u;`,
      ...component.map(
        (c, i) => `  ${name}_tile[to + ${i * vectors}u] = vec4<f32>(v0.${c}, v1.${c}, v2.${c}, v3.${c});`,
      ),
      '}',
    );
  }
  return lines.map((line) => `  ${line}`);
}

function sumName(row: number, columnGroup: number): string {
  return `sum${row}_${columnGroup}`;
}

function sumNames(tile: SharedTile): string[] {
  return Array.from({ length: tile.rows }, (_, r) => r).flatMap((r) =>
    Array.from({ length: tile.columns / 4 }, (_, g) => sumName(r, g)),
  );
}

/** Groups of four rows (columns) of a lane lie `lanes × 4` apart, so that neighbouring lanes read and store neighbouring vectors. */
function products(tile: SharedTile, tileRows: number, tileColumns: number): string[] {
  const [lanesX, lanesY] = tile.lanes;
  const lines = [
    `for (var k = 0u; k < ${tile.depth}u; k++) {`,
    `  let a_at = k * ${tileRows / 4}u + (lane_row >> 2u);`,
    `  let b_at = k * ${tileColumns / 4}u + (lane_column >> 2u);`,
  ];
  for (let g = 0; g < tile.columns / 4; g++) lines.push(`  let b${g} = b_tile[b_at + ${g * lanesX}u];`);
  for (let f = 0; f < tile.rows / 4; f++) {
    lines.push(`  let a${f} = a_tile[a_at + ${f * lanesY}u];`);
    for (const [i, c] of component.entries()) {
      for (let g = 0; g < tile.columns / 4; g++) lines.push(`  ${sumName(4 * f + i, g)} += a${f}.${c} * b${g};`);
    }
  }
  lines.push('}');
  return lines.map((line) => `  ${line}`);
}

function stores(problem: MatmulProblem, tile: SharedTile): string[] {
  const { rows, columns } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const wholeRows = rows % (tile.rows * lanesY) === 0;
  const wholeColumns = columns % (tile.columns * lanesX) === 0;
  const width = widthOf(columns);
  const lines: string[] = [];
  for (let r = 0; r < tile.rows; r++) {
    lines.push(`let row${r} = tile_row + lane_row + ${(r >> 2) * 4 * lanesY + (r & 3)}u;`);
    for (let g = 0; g < tile.columns / 4; g++) {
      for (let j = 0; j < 4; j += width) {
        const at = `tile_column + lane_column + ${g * 4 * lanesX + j}u`;
        const conditions = [
          ...(wholeRows ? [] : [`row${r} < ${rows}u`]),
          ...(wholeColumns ? [] : [`${at} < ${columns}u`]),
        ];
        const value = width === 4 ? sumName(r, g) : `${sumName(r, g)}.${component[j] ?? 'x'}`;
        const group = width === 4 ? `((${at}) >> 2u)` : `(${at})`;
        const statements = problem.store(value, `(row${r} * ${columns / width}u + ${group})`, group);
        lines.push(conditions.length === 0 ? `{ ${statements} }` : `if (${conditions.join(' && ')}) { ${statements} }`);
      }
    }
  }
  return lines;
}
