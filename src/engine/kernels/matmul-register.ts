import type { Kernel } from './kernel';
import { variantName, widthOf, type MatmulProblem, type RegisterTile } from './matmul-problem';
import { makeKernel } from './wgsl';

const component = ['x', 'y', 'z', 'w'] as const;

/** Invocations that sum the left operand, and rows that each of them takes. */
const sumRowsEach = 4;

/**
 * Matrix product with one register tile per invocation. Nothing is shared and nothing waits, which suits software adapters, where a barrier
 * costs more than the loads it saves, and GPUs with large register files and caches.
 */
export function registerTileMatmul(problem: MatmulProblem, tile: RegisterTile): Kernel {
  const { rows, columns, inner } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const tilesX = Math.ceil(columns / (tile.columns * lanesX));
  const tilesY = Math.ceil(rows / (tile.rows * lanesY));
  const body = [...setup(problem, tile), ...loop(problem, tile), ...stores(problem, tile)];
  const sums = problem.sums === null ? [] : sumRows(problem, tile, tilesX);
  return makeKernel({
    label: `${problem.label} ${variantName(tile)}`,
    bindings: problem.bindings,
    body: `${problem.helpers}
${loaders(problem)}
@compute @workgroup_size(${lanesX}, ${lanesY})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) lane: vec3<u32>) {
${[...sums, ...body].map((line) => `  ${line}`).join('\n')}
}`,
    workgroups: [tilesX + (problem.sums === null ? 0 : 1), tilesY, 1],
    flops: 2 * rows * columns * inner,
    bytes: problem.bytes,
  });
}

/** `load_a(outer, k)` and `load_b(outer, k)`: four neighbouring elements along the layout's fast index; past the end they read zero or repeat. */
function loaders(problem: MatmulProblem): string {
  const one = (name: 'a' | 'b', extent: number): string => {
    const inward = problem[name] === 'inner';
    const fast = inward ? problem.inner : extent;
    if (widthOf(fast) === 4) {
      const index = inward ? `outer * ${fast / 4}u + k / 4u` : `k * ${fast / 4}u + outer / 4u`;
      return `fn load_${name}(outer: u32, k: u32) -> vec4<f32> { return ${name}[${index}]; }`;
    }
    const elements = [0, 1, 2, 3].map((i) =>
      inward
        ? `select(0.0, ${name}[outer * ${fast}u + min(k + ${i}u, ${fast - 1}u)], k + ${i}u < ${fast}u)`
        : `${name}[k * ${fast}u + min(outer + ${i}u, ${fast - 1}u)]`,
    );
    return `fn load_${name}(outer: u32, k: u32) -> vec4<f32> {
  return vec4<f32>(
    ${elements.join(',\n    ')},
  );
}`;
  };
  return `${one('a', problem.rows)}\n${one('b', problem.columns)}\n`;
}

/** Clamps to the last whole group, so that loads of lanes past the edge stay in range and need no branch. */
function clamped(index: string, extent: number, covered: number, group: number): string {
  return covered <= extent ? index : `min(${index}, ${Math.floor((extent - 1) / group) * group}u)`;
}

function setup(problem: MatmulProblem, tile: RegisterTile): string[] {
  const { rows, columns, a, b } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const coveredRows = Math.ceil(rows / (tile.rows * lanesY)) * tile.rows * lanesY;
  const coveredColumns = Math.ceil(columns / (tile.columns * lanesX)) * tile.columns * lanesX;
  const lines = [
    `let row = (group.y * ${lanesY}u + lane.y) * ${tile.rows}u;`,
    `let column = (group.x * ${lanesX}u + lane.x) * ${tile.columns}u;`,
  ];
  const stepA = a === 'inner' ? 1 : 4;
  for (let r = 0; r < tile.rows; r += stepA)
    lines.push(`let a_at${r} = ${clamped(`row + ${r}u`, rows, coveredRows, stepA)};`);
  const stepB = b === 'inner' ? 1 : 4;
  for (let c = 0; c < tile.columns; c += stepB) {
    lines.push(`let b_at${c} = ${clamped(`column + ${c}u`, columns, coveredColumns, stepB)};`);
  }
  for (let r = 0; r < tile.rows; r++) {
    for (let c = 0; c < tile.columns; c += 4) lines.push(`var sum${r}_${c} = vec4<f32>();`);
  }
  return lines;
}

function loop(problem: MatmulProblem, tile: RegisterTile): string[] {
  const { inner, a, b } = problem;
  const lines: string[] = [];
  const emit = (line: string): number => lines.push(`  ${line}`);
  if (a === 'outer') {
    lines.push(`for (var k = 0u; k < ${inner}u; k++) {`);
    for (let c = 0; c < tile.columns; c += 4) emit(`let b${c} = load_b(b_at${c}, k);`);
    for (let r = 0; r < tile.rows; r++) {
      if (r % 4 === 0) emit(`let a${r} = load_a(a_at${r}, k);`);
      const factor = `a${r - (r % 4)}.${component[r % 4] ?? 'x'}`;
      for (let c = 0; c < tile.columns; c += 4) emit(`sum${r}_${c} += ${factor} * b${c};`);
    }
  } else {
    lines.push(`for (var k = 0u; k < ${inner}u; k += 4u) {`);
    for (let r = 0; r < tile.rows; r++) emit(`let a${r} = load_a(a_at${r}, k);`);
    if (b === 'inner') {
      for (let c = 0; c < tile.columns; c += 4) {
        for (let i = c; i < c + 4; i++) emit(`let b${i} = load_b(b_at${i}, k);`);
        for (let r = 0; r < tile.rows; r++) {
          const dots = [0, 1, 2, 3].map((i) => `dot(a${r}, b${c + i})`);
          emit(`sum${r}_${c} += vec4<f32>(${dots.join(', ')});`);
        }
      }
    } else {
      for (const [i, name] of component.entries()) {
        // Past the end of the sum the left operand reads zero, so any row of the right one will do.
        const at = inner % 4 === 0 ? `k + ${i}u` : `min(k + ${i}u, ${inner - 1}u)`;
        for (let c = 0; c < tile.columns; c += 4) emit(`let b${c}_${i} = load_b(b_at${c}, ${at});`);
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
      const group = width === 4 ? `(column / 4u + ${c / 4}u)` : `(column + ${c}u)`;
      const statements = problem.store(value, `((row + ${r}u) * ${columns / width}u + ${group})`, group);
      lines.push(conditions.length === 0 ? `{ ${statements} }` : `if (${conditions.join(' && ')}) { ${statements} }`);
    }
  }
  return lines;
}

/** Sums of the left operand: a last column of workgroups does nothing else, so that the product's inner loop stays as it is. */
function sumRows(problem: MatmulProblem, tile: RegisterTile, tilesX: number): string[] {
  const { rows, inner, sums, addSums } = problem;
  const [lanesX, lanesY] = tile.lanes;
  const perGroup = tile.rows * lanesY;
  const assign = addSums ? '+=' : '=';
  return [
    `if (group.x == ${tilesX}u) {`,
    `  let first = group.y * ${perGroup}u;`,
    `  let last = min(first + ${perGroup}u, ${rows}u);`,
    `  for (var r = first + ${sumRowsEach}u * (lane.y * ${lanesX}u + lane.x); r < last; r += ${sumRowsEach * lanesX * lanesY}u) {`,
    `    var total = vec4<f32>();`,
    `    for (var k = 0u; k < ${inner}u; k++) { total += load_a(r, k); }`,
    ...component.map(
      (name, i) => `    if (r + ${i}u < ${rows}u) { ${sums ?? ''}[r + ${i}u] ${assign} total.${name}; }`,
    ),
    '  }',
    '  return;',
    '}',
  ];
}
