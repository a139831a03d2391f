import type { Kernel } from '../../kernels/kernel';
import { clampIndex, operandReader, type OperandReader } from './matmul-operand';
import { variantName, widthOf, type MatmulProblem, type RegisterTile } from './matmul-problem';
import { sumRows } from './matmul-sums';
import { makeKernel } from '../../kernels/wgsl';

/**
 * One of the ways to compute a matrix product (`MatmulVariant`): tiles in registers. It needs nothing of the adapter, so it is what the others
 * fall back to.
 */

const component = ['x', 'y', 'z', 'w'] as const;

/**
 * Matrix product with one register tile per invocation. Nothing is shared and nothing waits, which suits software adapters, where a barrier
 * costs more than the loads it saves, and GPUs with large register files and caches.
 */
export function registerTileMatmul(problem: MatmulProblem, tile: RegisterTile): Kernel {
  const { rows, columns, inner, helpers, bindings, bytes } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const tilesX = Math.ceil(columns / (tile.columns * lanesX));
  const tilesY = Math.ceil(rows / (tile.rows * lanesY));
  const a = operandReader(problem, 'a');
  const b = operandReader(problem, 'b');
  const body = [...setup(problem, tile, a, b), ...loop(problem, tile, a, b), ...stores(problem, tile)];
  const lane = `lane.y * ${lanesX}u + lane.x`;
  const sums =
    problem.sums === null
      ? []
      : [
          `if (group.x == ${tilesX}u) {`,
          ...sumRows(problem, a, { group: 'group.y', lane, lanes: lanesX * lanesY, perGroup: tile.rows * lanesY }),
          'return;',
          '}',
        ];
  return makeKernel({
    label: `${problem.label} ${variantName(tile)}`,
    bindings,
    body: `${helpers}${a.declarations}${b.declarations}
@compute @workgroup_size(${lanesX}, ${lanesY})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) lane: vec3<u32>) {
${[...sums, ...body].map((line) => `  ${line}`).join('\n')}
}`,
    workgroups: [tilesX + (problem.sums === null ? 0 : 1), tilesY, 1],
    flops: 2 * rows * columns * inner,
    bytes,
  });
}

function setup(problem: MatmulProblem, tile: RegisterTile, a: OperandReader, b: OperandReader): string[] {
  const { rows, columns } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const coveredRows = Math.ceil(rows / (tile.rows * lanesY)) * tile.rows * lanesY;
  const coveredColumns = Math.ceil(columns / (tile.columns * lanesX)) * tile.columns * lanesX;
  const lines = [
    `let row = (group.y * ${lanesY}u + lane.y) * ${tile.rows}u;`,
    `let column = (group.x * ${lanesX}u + lane.x) * ${tile.columns}u;`,
  ];
  const stepA = problem.a === 'inner' ? 1 : 4;
  for (let r = 0; r < tile.rows; r += stepA) {
    lines.push(`let a_at${r} = ${a.base(clampIndex(`row + ${r}u`, rows, coveredRows, stepA))};`);
  }
  const stepB = problem.b === 'inner' ? 1 : 4;
  for (let c = 0; c < tile.columns; c += stepB) {
    lines.push(`let b_at${c} = ${b.base(clampIndex(`column + ${c}u`, columns, coveredColumns, stepB))};`);
  }
  for (let r = 0; r < tile.rows; r++) {
    for (let c = 0; c < tile.columns; c += 4) lines.push(`var sum${r}_${c} = vec4<f32>();`);
  }
  return lines;
}

function loop(problem: MatmulProblem, tile: RegisterTile, a: OperandReader, b: OperandReader): string[] {
  const { inner } = problem;
  const lines: string[] = [];
  const emit = (line: string): number => lines.push(`  ${line}`);
  if (problem.a === 'outer') {
    lines.push(`for (var k = 0u; k < ${inner}u; k++) {`);
    emit(`let a_k = ${a.offset('k')};`);
    emit(`let b_k = ${b.offset('k')};`);
    for (let c = 0; c < tile.columns; c += 4) emit(`let b${c} = ${b.load(`b_at${c}`, 'b_k')};`);
    for (let r = 0; r < tile.rows; r++) {
      if (r % 4 === 0) emit(`let a${r} = ${a.load(`a_at${r}`, 'a_k')};`);
      const factor = `a${r - (r % 4)}.${component[r % 4] ?? 'x'}`;
      for (let c = 0; c < tile.columns; c += 4) emit(`sum${r}_${c} += ${factor} * b${c};`);
    }
  } else {
    lines.push(`for (var k = 0u; k < ${inner}u; k += 4u) {`);
    emit(`let a_k = ${a.offset('k')};`);
    for (let r = 0; r < tile.rows; r++) emit(`let a${r} = ${a.load(`a_at${r}`, 'a_k')};`);
    if (problem.b === 'inner') {
      emit(`let b_k = ${b.offset('k')};`);
      for (let c = 0; c < tile.columns; c += 4) {
        for (let i = c; i < c + 4; i++) emit(`let b${i} = ${b.load(`b_at${i}`, 'b_k')};`);
        for (let r = 0; r < tile.rows; r++) {
          const dots = [0, 1, 2, 3].map((i) => `dot(a${r}, b${c + i})`);
          emit(`sum${r}_${c} += vec4<f32>(${dots.join(', ')});`);
        }
      }
    } else {
      for (const [i, name] of component.entries()) {
        // Past the end of the sum the left operand reads zero, so any row of the right one will do.
        emit(`let b_k${i} = ${b.offset(inner % 4 === 0 ? `k + ${i}u` : `min(k + ${i}u, ${inner - 1}u)`)};`);
        for (let c = 0; c < tile.columns; c += 4) emit(`let b${c}_${i} = ${b.load(`b_at${c}`, `b_k${i}`)};`);
        for (let r = 0; r < tile.rows; r++) {
          for (let c = 0; c < tile.columns; c += 4) emit(`sum${r}_${c} += a${r}.${name} * b${c}_${i};`);
        }
      }
    }
  }
  lines.push('}');
  return lines;
}

function stores(problem: MatmulProblem, tile: RegisterTile): string[] {
  const { rows, columns } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const wholeRows = rows % (tile.rows * lanesY) === 0;
  const wholeColumns = columns % (tile.columns * lanesX) === 0;
  const width = widthOf(columns);
  const lines: string[] = [];
  for (let r = 0; r < tile.rows; r++) {
    for (let c = 0; c < tile.columns; c += width) {
      const conditions = [
        ...(wholeRows ? [] : [`row + ${r}u < ${rows}u`]),
        ...(wholeColumns ? [] : [`column + ${c}u < ${columns}u`]),
      ];
      const value = width === 4 ? `sum${r}_${c}` : `sum${r}_${c - (c % 4)}.${component[c % 4] ?? 'x'}`;
      const group = width === 4 ? `((column + ${c}u) >> 2u)` : `(column + ${c}u)`;
      const statements = problem.store(value, `((row + ${r}u) * ${columns / width}u + ${group})`, group);
      lines.push(conditions.length === 0 ? `{ ${statements} }` : `if (${conditions.join(' && ')}) { ${statements} }`);
    }
  }
  return lines;
}
