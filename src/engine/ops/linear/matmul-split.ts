import type { Kernel } from '../../kernels/kernel';
import { makeKernel } from '../../kernels/wgsl';
import { clampIndex, operandReader, type OperandReader } from './matmul-operand';
import { variantName, widthOf, type MatmulProblem, type SplitSums } from './matmul-problem';

/** One of the ways to compute a matrix product (`MatmulVariant`): sums shared among the invocations of a workgroup, for products of few rows. */

const component = ['x', 'y', 'z', 'w'] as const;
/** Columns that a workgroup computes. */
const columnsPerGroup = 4;
/** Parts that the sums of the lanes are added up in. */
const parts = 8;

/**
 * Matrix product whose sums are cut among the lanes of a workgroup, which then add up theirs. Tiles of few rows leave most of a GPU idle, and each lane
 * with a long sum of which every step waits for memory; here neighbouring lanes read neighbouring vectors, and as many workgroups run as there are groups
 * of four columns. Sums run in a fixed order. Both operands must have the layout `inner`.
 */
export function splitSumMatmul(problem: MatmulProblem, split: SplitSums): Kernel {
  const { rows, columns, inner, helpers, bindings, bytes } = problem;
  if (problem.a !== 'inner' || problem.b !== 'inner' || problem.sums !== null)
    throw new Error(`${problem.label}: sums are split among lanes only where both operands run along them.`);
  const [lanes] = split.lanes;
  const a = operandReader(problem, 'a');
  const b = operandReader(problem, 'b');
  const body = [...laneSums(problem, split, a, b), ...addedUp(split), ...stores(problem, split)];
  return makeKernel({
    label: `${problem.label} ${variantName(split)}`,
    bindings,
    body: `${helpers}${a.declarations}${b.declarations}
var<workgroup> sums: array<vec4<f32>, ${split.rows * lanes}>;

@compute @workgroup_size(${lanes})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_index) index: u32) {
${body.map((line) => `  ${line}`).join('\n')}
}`,
    workgroups: [Math.ceil(columns / columnsPerGroup), Math.ceil(rows / split.rows), 1],
    flops: 2 * rows * columns * inner,
    bytes,
  });
}

function laneSums(problem: MatmulProblem, split: SplitSums, a: OperandReader, b: OperandReader): string[] {
  const { rows, columns, inner } = problem;
  const [lanes] = split.lanes;
  const own = range(split.rows);
  const coveredRows = Math.ceil(rows / split.rows) * split.rows;
  const coveredColumns = Math.ceil(columns / columnsPerGroup) * columnsPerGroup;
  return [
    `let row = group.y * ${split.rows}u;`,
    `let column = group.x * ${columnsPerGroup}u;`,
    ...own.map((r) => `let a_at${r} = ${a.base(clampIndex(`row + ${r}u`, rows, coveredRows, 1))};`),
    ...component.map((_, c) => `let b_at${c} = ${b.base(clampIndex(`column + ${c}u`, columns, coveredColumns, 1))};`),
    ...own.map((r) => `var sum${r} = vec4<f32>();`),
    `for (var k = 4u * index; k < ${inner}u; k += ${4 * lanes}u) {`,
    `  let a_k = ${a.offset('k')};`,
    `  let b_k = ${b.offset('k')};`,
    ...component.map((_, c) => `  let b${c} = ${b.load(`b_at${c}`, 'b_k')};`),
    ...own.flatMap((r) => [
      `  let a${r} = ${a.load(`a_at${r}`, 'a_k')};`,
      `  sum${r} += vec4<f32>(${component.map((_, c) => `dot(a${r}, b${c})`).join(', ')});`,
    ]),
    '}',
    ...own.map((r) => `sums[${r * lanes}u + index] = sum${r};`),
    'workgroupBarrier();',
  ];
}

/** Leaves `parts` sums of each row, at the first lane of each part. */
function addedUp(split: SplitSums): string[] {
  const [lanes] = split.lanes;
  const size = lanes / parts;
  return [
    `if (index < ${split.rows * parts}u) {`,
    `  let first = index * ${size}u;`,
    '  var total = sums[first];',
    `  for (var lane = 1u; lane < ${size}u; lane++) { total += sums[first + lane]; }`,
    '  sums[first] = total;',
    '}',
    'workgroupBarrier();',
  ];
}

/** A lane for each row adds up the parts and stores four columns. */
function stores(problem: MatmulProblem, split: SplitSums): string[] {
  const { rows, columns } = problem;
  const [lanes] = split.lanes;
  const width = widthOf(columns);
  const inside = rows % split.rows === 0 ? '' : ` && row + index < ${rows}u`;
  const lines = range(columnsPerGroup / width).map((group): string => {
    const at = `column + ${group * width}u`;
    const value = width === 4 ? 'total' : `total.${component[group] ?? 'x'}`;
    const place = width === 4 ? `((${at}) >> 2u)` : `(${at})`;
    const statements = problem.store(value, `((row + index) * ${columns / width}u + ${place})`, place);
    return columns % columnsPerGroup === 0 ? `{ ${statements} }` : `if (${at} < ${columns}u) { ${statements} }`;
  });
  return [
    `if (index < ${split.rows}u${inside}) {`,
    '  var total = vec4<f32>();',
    `  for (var part = 0u; part < ${parts}u; part++) { total += sums[index * ${lanes}u + part * ${lanes / parts}u]; }`,
    ...lines.map((line) => `  ${line}`),
    '}',
  ];
}

function range(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
