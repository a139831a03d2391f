import { widthOf, type MatmulProblem } from './matmul-problem';

/**
 * WGSL for reading an operand, four neighbouring elements along its fast index at a time. The address is the sum of a part that an invocation
 * computes once (`base`, per row or column of the product) and one that it computes once per step of the sum (`offset`). Reads past the end
 * of the fast index give zero or repeat an element; the slow index must be in range.
 */
export interface OperandReader {
  /** Module-scope functions that `load` needs. */
  readonly declarations: string;
  /** `outer`: element index along the product; a multiple of 4 where the layout is `outer`. */
  readonly base: (outer: string) => string;
  /** `k`: element index along the sum; a multiple of 4 where the layout is `inner`. */
  readonly offset: (k: string) => string;
  /** `vec4<f32>` at base plus offset. */
  readonly load: (base: string, offset: string) => string;
}

/** The reader of one operand of a product. */
export function operandReader(problem: MatmulProblem, name: 'a' | 'b'): OperandReader {
  const extent = name === 'a' ? problem.rows : problem.columns;
  const inward = problem[name] === 'inner';
  const row = inward ? problem.inner : extent;
  if (widthOf(row) === 4) {
    // Shifts, because software adapters do vector divisions one lane at a time.
    const along = (index: string): string => `(${index}) >> 2u`;
    const across = (index: string): string => `(${index}) * ${row / 4}u`;
    return {
      declarations: '',
      base: inward ? across : along,
      offset: inward ? along : across,
      load: (base, offset) => `${name}[${base} + ${offset}]`,
    };
  }
  const elements = [0, 1, 2, 3].map((i) =>
    inward
      ? `select(0.0, ${name}[base + min(offset + ${i}u, ${row - 1}u)], offset + ${i}u < ${row}u)`
      : `${name}[min(base + ${i}u, ${row - 1}u) + offset]`,
  );
  return {
    declarations: `fn load_${name}(base: u32, offset: u32) -> vec4<f32> {
  return vec4<f32>(
    ${elements.join(',\n    ')},
  );
}
`,
    base: (outer) => (inward ? `(${outer}) * ${row}u` : outer),
    offset: (k) => (inward ? k : `(${k}) * ${row}u`),
    load: (base, offset) => `load_${name}(${base}, ${offset})`,
  };
}

/**
 * `index` held below `extent`, for lanes past the edge: their loads stay in range without a branch. `covered` is what all workgroups reach;
 * `group` is the granularity of loads along the index.
 */
export function clampIndex(index: string, extent: number, covered: number, group: number): string {
  return covered <= extent ? index : `min(${index}, ${Math.floor((extent - 1) / group) * group}u)`;
}
