import type { OperandReader } from './matmul-operand';
import type { MatmulProblem } from './matmul-problem';

/**
 * WGSL statements that sum the left operand (layout `outer`) over `inner`, four rows per invocation: workgroups beyond those of the product do
 * this alone, so that the product's loop stays as it is. Sums run in a fixed order.
 * @param group index of the workgroup among those that sum
 * @param lane index of the invocation in its workgroup of `lanes`
 * @param perGroup rows that each such workgroup sums; a multiple of 4
 */
export function sumRows(
  { rows, inner, sums, addSums }: MatmulProblem,
  reader: OperandReader,
  { group, lane, lanes, perGroup }: { group: string; lane: string; lanes: number; perGroup: number },
): string[] {
  const assign = addSums ? '+=' : '=';
  return [
    `let last = min((${group} + 1u) * ${perGroup}u, ${rows}u);`,
    `for (var r = ${group} * ${perGroup}u + 4u * (${lane}); r < last; r += ${4 * lanes}u) {`,
    `  let base = ${reader.base('r')};`,
    '  var total = vec4<f32>();',
    `  for (var k = 0u; k < ${inner}u; k++) { total += ${reader.load('base', reader.offset('k'))}; }`,
    ...['x', 'y', 'z', 'w'].map(
      (name, i) => `  if (r + ${i}u < ${rows}u) { ${sums ?? ''}[r + ${i}u] ${assign} total.${name}; }`,
    ),
    '}',
  ];
}
