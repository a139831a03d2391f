import type { Binding } from '../../kernels/wgsl';

/**
 * How an operand lies in memory. `inner`: the reduction index runs fastest, `[outer, inner]`; `outer`: the row (left operand) or column
 * (right operand) of the product runs fastest, `[inner, outer]`. Both row-major.
 */
export type OperandLayout = 'inner' | 'outer';

/** A product of two matrices with what happens to its elements before they are stored; every size is known. */
export interface MatmulProblem {
  readonly label: string;
  /** Extents of the product, and of the sum behind each element. */
  readonly rows: number;
  readonly columns: number;
  readonly inner: number;
  /** Layouts of the left operand, bound as `a`, and of the right one, bound as `b`. A right operand of `inner` needs a left one of `inner`. */
  readonly a: OperandLayout;
  readonly b: OperandLayout;
  /** In binding order; types follow from `operandWidth` and `outputWidth`. */
  readonly bindings: readonly Binding[];
  /** WGSL functions that `store` calls. */
  readonly helpers: string;
  /**
   * Statements that store `value`, of `outputWidth` neighbouring elements: `index` counts such groups through the product, `column` through
   * its row.
   */
  readonly store: (value: string, index: string, column: string) => string;
  /** Name of a binding `[rows]` that takes the sums of the left operand over `inner`; needs `a: 'outer'`. With `addSums` they are added to it. */
  readonly sums: string | null;
  readonly addSums: boolean;
  readonly bytes: number;
}

/** One invocation computes `rows` × `columns` elements in registers, without workgroup memory and without barriers. */
export interface RegisterTile {
  readonly kind: 'register';
  readonly rows: number;
  /** Multiple of 4. */
  readonly columns: number;
  /** Invocations of a workgroup along the product's columns and rows. */
  readonly lanes: readonly [x: number, y: number];
}

/**
 * The four lanes of a quad compute `rows` × `columns` elements together, passing what they load of the left operand round the quad. Needs the
 * `subgroups` feature, and invocations in subgroups in the order of their index, which holds on software adapters.
 */
export interface QuadTile {
  readonly kind: 'quad';
  /** Multiple of 4, and of 16 where the left operand's layout is `outer`. */
  readonly rows: number;
  /** Multiple of 16. */
  readonly columns: number;
  /** Quads of a workgroup along the product's columns and rows. */
  readonly quads: readonly [x: number, y: number];
}

/** Each invocation computes `rows` × `columns` elements from operands that its workgroup stages in workgroup memory. */
export interface SharedTile {
  readonly kind: 'shared';
  /** Multiples of 4. */
  readonly rows: number;
  readonly columns: number;
  /** Invocations of a workgroup along the product's columns and rows. */
  readonly lanes: readonly [x: number, y: number];
  /** Steps of the sum that are staged at once; a multiple of 4. */
  readonly depth: number;
}

/** The invocations of a workgroup share the sums of `rows` × 4 elements. For products of few rows, both of whose operands have the layout `inner`. */
export interface SplitSums {
  readonly kind: 'split';
  /** At most 8. */
  readonly rows: number;
  readonly columns: 4;
  /** Invocations of a workgroup: 64, or 8 times some other number of at least `rows`. */
  readonly lanes: readonly [count: number];
}

/** A way to compute matrix products; which one is fastest depends on the adapter and the shape (`engine/tuner.ts`). */
export type MatmulVariant = RegisterTile | QuadTile | SharedTile | SplitSums;

/** 4 where rows of this length keep 16-byte alignment, else 1. */
export function widthOf(extent: number): 4 | 1 {
  return extent % 4 === 0 ? 4 : 1;
}

/** WGSL type of a storage array of `elements` floats, read in groups of `width`. */
export function floatArray(elements: number, width: 4 | 1): string {
  return width === 4 ? `array<vec4<f32>, ${elements / 4}>` : `array<f32, ${elements}>`;
}

/** Short name of a variant, for labels, caches and tables. */
export function variantName(variant: MatmulVariant): string {
  const { kind, rows, columns } = variant;
  const workers = (kind === 'quad' ? variant.quads : variant.lanes).join('x');
  return `${kind} ${rows}x${columns}/${workers}${kind === 'shared' ? `x${variant.depth}` : ''}`;
}
