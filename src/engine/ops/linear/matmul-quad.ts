import type { Kernel } from '../../kernels/kernel';
import { clampIndex, operandReader, type OperandReader } from './matmul-operand';
import { variantName, widthOf, type MatmulProblem, type QuadTile } from './matmul-problem';
import { sumRows } from './matmul-sums';
import { makeKernel } from '../../kernels/wgsl';

/** One of the ways to compute a matrix product (`MatmulVariant`): tiles of quads, for adapters with subgroups. */

const component = ['x', 'y', 'z', 'w'] as const;
const lanesPerQuad = 4;

/**
 * Matrix product with one tile per quad of a subgroup. The four lanes load different elements of both operands and pass those of the left
 * one round by quad swaps: lane l then holds, as its i-th copy, what lane l ^ i loaded, and sums the products that belong to that lane's rows.
 * Each loaded element is used by all four lanes, without workgroup memory and without barriers. On software adapters, where every
 * lane of a load costs a dozen instructions and a swap costs one, this runs well ahead of tiles that each lane loads for itself.
 *
 * Columns of a tile: lane l owns columns 4 l … 4 l + 3 of every 16. Rows: where the left operand's layout is `inner`, lane l loads row l of
 * every 4; where it is `outer`, rows 4 l … 4 l + 3 of every 16.
 */
export function quadTileMatmul(problem: MatmulProblem, tile: QuadTile): Kernel {
  const { rows, columns, inner, helpers, bindings, bytes } = problem;
  const [quadsX, quadsY] = tile.quads;
  const tilesX = Math.ceil(columns / (tile.columns * quadsX));
  const tilesY = Math.ceil(rows / (tile.rows * quadsY));
  const a = operandReader(problem, 'a');
  const b = operandReader(problem, 'b');
  const lanes = lanesPerQuad * quadsX * quadsY;
  const body = [...setup(problem, tile, a, b), ...loop(problem, tile, a, b), ...stores(problem, tile)];
  const sums =
    problem.sums === null
      ? []
      : [
          `if (group.x == ${tilesX}u) {`,
          ...sumRows(problem, a, { group: 'group.y', lane: 'index', lanes, perGroup: tile.rows * quadsY }),
          'return;',
          '}',
        ];
  return makeKernel(
    {
      label: `${problem.label} ${variantName(tile)}`,
      bindings,
      body: `${helpers}${a.declarations}${b.declarations}
@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
${[...sums, ...body].map((line) => `  ${line}`).join('\n')}
}`,
      workgroups: [tilesX + (problem.sums === null ? 0 : 1), tilesY, 1],
      flops: 2 * rows * columns * inner,
      bytes,
    },
    ['subgroups'],
  );
}

function setup(problem: MatmulProblem, tile: QuadTile, a: OperandReader, b: OperandReader): string[] {
  const { rows, columns } = problem;
  const [quadsX, quadsY] = tile.quads;
  const coveredRows = Math.ceil(rows / (tile.rows * quadsY)) * tile.rows * quadsY;
  const coveredColumns = Math.ceil(columns / (tile.columns * quadsX)) * tile.columns * quadsX;
  const lines = [
    'let lane = index & 3u;',
    'let quad = index >> 2u;',
    `let row = (group.y * ${quadsY}u + quad / ${quadsX}u) * ${tile.rows}u;`,
    `let column = (group.x * ${quadsX}u + quad % ${quadsX}u) * ${tile.columns}u + 4u * lane;`,
  ];
  for (const f of fragments(problem, tile)) {
    const [index, group] = problem.a === 'inner' ? [`row + ${4 * f}u + lane`, 1] : [`row + ${16 * f}u + 4u * lane`, 4];
    lines.push(`let a_at${f} = ${a.base(clampIndex(index, rows, coveredRows, group))};`);
  }
  for (let c = 0; c < tile.columns / 4; c++) {
    const offset = (c >> 2) * 16 + (c & 3);
    if (problem.b === 'inner') {
      lines.push(`let b_at${c} = ${b.base(clampIndex(`column + ${offset}u`, columns, coveredColumns, 1))};`);
    } else if (c % 4 === 0) {
      lines.push(`let b_at${c} = ${b.base(clampIndex(`column + ${offset}u`, columns, coveredColumns, 4))};`);
    }
  }
  for (const sum of sumNames(tile)) lines.push(`var ${sum} = vec4<f32>();`);
  return lines;
}

/** Vectors that a lane loads of the left operand per step. */
function fragments({ a }: MatmulProblem, tile: QuadTile): number[] {
  return Array.from({ length: tile.rows / (a === 'inner' ? 4 : 16) }, (_, f) => f);
}

/** One vector of four columns for each row that a lane sums: rows of a lane × swaps × groups of 16 columns. */
function sumName(row: number, swap: number, group: number): string {
  return `sum${row}_${swap}_${group}`;
}

function sumNames(tile: QuadTile): string[] {
  const names: string[] = [];
  for (let r = 0; r < tile.rows / 4; r++) {
    for (let i = 0; i < 4; i++) for (let g = 0; g < tile.columns / 16; g++) names.push(sumName(r, i, g));
  }
  return names;
}

/** Loads a vector of the left operand and passes it round the quad: `name_0` is the lane's own. */
function loadAndSwap(name: string, load: string): string[] {
  return [
    `let ${name}_0 = ${load};`,
    `let ${name}_1 = quadSwapX(${name}_0);`,
    `let ${name}_2 = quadSwapY(${name}_0);`,
    `let ${name}_3 = quadSwapDiagonal(${name}_0);`,
  ];
}

function loop(problem: MatmulProblem, tile: QuadTile, a: OperandReader, b: OperandReader): string[] {
  const { inner } = problem;
  if (problem.a === 'inner') {
    const body = problem.b === 'inner' ? innerInner(problem, tile, a, b) : innerOuter(problem, tile, a, b);
    return [`for (var k = 0u; k < ${inner}u; k += 4u) {`, ...body.map((line) => `  ${line}`), '}'];
  }
  const whole = inner - (inner % 4);
  const step = (count: number): string[] => outerOuter(problem, tile, a, b, count).map((line) => `  ${line}`);
  return [
    ...(whole > 0 ? [`for (var k = 0u; k < ${whole}u; k += 4u) {`, ...step(4), '}'] : []),
    ...(whole < inner ? [`for (var k = ${whole}u; k < ${inner}u; k++) {`, ...step(1), '}'] : []),
  ];
}

function innerInner(problem: MatmulProblem, tile: QuadTile, a: OperandReader, b: OperandReader): string[] {
  const lines = [`let a_k = ${a.offset('k')};`, `let b_k = ${b.offset('k')};`];
  const rows = fragments(problem, tile);
  for (const f of rows) lines.push(...loadAndSwap(`a${f}`, a.load(`a_at${f}`, 'a_k')));
  for (let g = 0; g < tile.columns / 16; g++) {
    for (let i = 0; i < 4; i++) lines.push(`let b${g}_${i} = ${b.load(`b_at${4 * g + i}`, 'b_k')};`);
    for (const f of rows) {
      for (let i = 0; i < 4; i++) {
        const dots = [0, 1, 2, 3].map((j) => `dot(a${f}_${i}, b${g}_${j})`);
        lines.push(`${sumName(f, i, g)} += vec4<f32>(${dots.join(', ')});`);
      }
    }
  }
  return lines;
}

function innerOuter(problem: MatmulProblem, tile: QuadTile, a: OperandReader, b: OperandReader): string[] {
  const { inner } = problem;
  const lines = [`let a_k = ${a.offset('k')};`];
  for (let j = 0; j < 4; j++) {
    // Past the end of the sum the left operand reads zero, so any row of the right one will do.
    lines.push(`let b_k${j} = ${b.offset(inner % 4 === 0 ? `k + ${j}u` : `min(k + ${j}u, ${inner - 1}u)`)};`);
  }
  const rows = fragments(problem, tile);
  for (const f of rows) lines.push(...loadAndSwap(`a${f}`, a.load(`a_at${f}`, 'a_k')));
  for (let g = 0; g < tile.columns / 16; g++) {
    for (let j = 0; j < 4; j++) lines.push(`let b${g}_${j} = ${b.load(`b_at${4 * g}`, `b_k${j}`)};`);
    for (const f of rows) {
      for (let i = 0; i < 4; i++) {
        const products = component.map((name, j) => `a${f}_${i}.${name} * b${g}_${j}`);
        lines.push(`${sumName(f, i, g)} += ${products.join(' + ')};`);
      }
    }
  }
  return lines;
}

function outerOuter(
  problem: MatmulProblem,
  tile: QuadTile,
  a: OperandReader,
  b: OperandReader,
  count: number,
): string[] {
  const lines: string[] = [];
  const steps = Array.from({ length: count }, (_, j) => j);
  const groups = Array.from({ length: tile.columns / 16 }, (_, g) => g);
  for (const j of steps) {
    lines.push(`let a_k${j} = ${a.offset(`k + ${j}u`)};`, `let b_k${j} = ${b.offset(`k + ${j}u`)};`);
  }
  for (const g of groups) {
    for (const j of steps) lines.push(`let b${g}_${j} = ${b.load(`b_at${4 * g}`, `b_k${j}`)};`);
  }
  for (const f of fragments(problem, tile)) {
    for (const j of steps) lines.push(...loadAndSwap(`a${f}_${j}`, a.load(`a_at${f}`, `a_k${j}`)));
    for (const g of groups) {
      for (let i = 0; i < 4; i++) {
        for (const [r, name] of component.entries()) {
          const products = steps.map((j) => `a${f}_${j}_${i}.${name} * b${g}_${j}`);
          lines.push(`${sumName(4 * f + r, i, g)} += ${products.join(' + ')};`);
        }
      }
    }
  }
  return lines;
}

function stores(problem: MatmulProblem, tile: QuadTile): string[] {
  const { rows, columns } = problem;
  const [quadsX, quadsY] = tile.quads;
  const wholeRows = rows % (tile.rows * quadsY) === 0;
  const wholeColumns = columns % (tile.columns * quadsX) === 0;
  const width = widthOf(columns);
  const lines: string[] = [];
  for (let r = 0; r < tile.rows / 4; r++) {
    for (let i = 0; i < 4; i++) {
      const offset =
        problem.a === 'inner' ? `${4 * r}u + (lane ^ ${i}u)` : `${16 * (r >> 2) + (r & 3)}u + 4u * (lane ^ ${i}u)`;
      lines.push(`let row${r}_${i} = row + ${offset};`);
      for (let g = 0; g < tile.columns / 16; g++) {
        for (let j = 0; j < 4; j += width) {
          const at = `column + ${16 * g + j}u`;
          const conditions = [
            ...(wholeRows ? [] : [`row${r}_${i} < ${rows}u`]),
            ...(wholeColumns ? [] : [`${at} < ${columns}u`]),
          ];
          const value = width === 4 ? sumName(r, i, g) : `${sumName(r, i, g)}.${component[j] ?? 'x'}`;
          const group = width === 4 ? `((${at}) >> 2u)` : `(${at})`;
          const statements = problem.store(value, `(row${r}_${i} * ${columns / width}u + ${group})`, group);
          lines.push(
            conditions.length === 0 ? `{ ${statements} }` : `if (${conditions.join(' && ')}) { ${statements} }`,
          );
        }
      }
    }
  }
  return lines;
}
