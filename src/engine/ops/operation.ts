import type { ValueId } from '../graph/value';

/**
 * What the graph knows of an operation without computing anything: which values its node reads, the shape of its result, and what a step keeps
 * for its backward pass. Each folder beside this file holds one operation; the lists of them are `index.ts` here; `webgpu.ts`, `tfjs.ts` and
 * `wasm.ts` for what computes them; `tuning.ts` for kernels that come in variants; and `bench.ts`.
 */
export interface Operation<N extends NodeBase> {
  readonly op: N['op'];
  /** The fields that name the values that a node reads, in a fixed order. A field may hold null: the value is absent. */
  readonly reads: readonly (keyof N & string)[];
  /** Further values that a node reads, where how many differs from node to node. */
  readsMore?(node: Unplaced<N>): readonly ValueId[];
  /**
   * The field that names the state which a node writes to, where it does, or the result of an earlier node that wrote there: what the state
   * holds then is its result, in the same memory. The node is run where something needs this result.
   */
  readonly writes?: keyof N & string;
  /**
   * Shape of the result.
   *
   * @throws Error that names the operation where the values do not fit together
   */
  shape(node: Unplaced<N>, shapeOf: ShapeOf): readonly number[];
  /** Values that the backward step reads, given the inputs whose gradient is wanted. */
  keptForBackward(node: N, wanted: ReadonlySet<ValueId>): readonly ValueId[];
  /** Bytes kept for backward besides graph values: pre-activations, row statistics, logits. `bytes` gives those of a value. */
  statisticsBytes(node: N, bytes: (id: ValueId) => number): number;
  /**
   * Multiply-adds of its matrix products, forward or (with the inputs whose gradient is wanted) backward; absent where it has none worth counting.
   *
   * @param wanted null: forward
   */
  multiplyAdds?(node: N, shapeOf: ShapeOf, wanted: ReadonlySet<ValueId> | null): number;
  /** Whether mixed precision may keep the result in f16, as far as the operation itself is concerned. */
  roundsWell(node: N): boolean;
  /** Inputs that mixed precision must leave in f32. */
  exactInputs(node: N): readonly ValueId[];
  /** Present where the result is a loss that one step may compute over several micro-batches. */
  readonly loss?: BatchLoss<N>;
}

/**
 * A loss over the rows of its inputs that is computed once for all micro-batches of a step (Gao et al. 2021, arXiv 2101.06983): the compared values of
 * every micro-batch are computed first, then the loss and its gradients in all of their rows, then backward through one micro-batch at a time.
 */
export interface BatchLoss<N extends NodeBase> {
  /** Activations `[batch, …]` whose rows the loss takes. */
  compared(node: N): readonly ValueId[];
  /** Inputs `[batch, …]` that hold something of each sample. */
  perSample(node: N): readonly ValueId[];
  /** Bytes that exist only while the loss over this many samples is computed. */
  passingBytes(samples: number): number;
  /** The scalar parameter whose exponential scales what is compared, to be charted; null where there is none. */
  logScale(node: N): ValueId | null;
}

/** What every node has. */
export interface NodeBase {
  readonly op: string;
  readonly y: ValueId;
}

/** A node whose result has no place in a graph yet. */
export type Unplaced<N extends NodeBase> = N extends NodeBase ? Omit<N, 'y'> : never;

/** What the function of an operation adds its node to: a graph that is being built. */
export interface NodeBuilder<N extends NodeBase> {
  shape(id: ValueId): readonly number[];
  /** @returns the result of the node */
  add(fields: Unplaced<N>): ValueId;
}

export type ShapeOf = (id: ValueId) => readonly number[];

/** @throws Error with the message where the condition does not hold */
export function fits(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`The graph does not fit together: ${message}.`);
}

/** Extents of a value that must be a matrix; `what` names it in the error. */
export function matrixOf(shape: readonly number[], what: string): readonly [rows: number, columns: number] {
  const [rows, columns] = shape;
  if (shape.length !== 2 || rows === undefined || columns === undefined) {
    throw new Error(`The graph expects a matrix, but ${what} is [${shape.join(', ')}].`);
  }
  return [rows, columns];
}

/** For operations that keep nothing for backward and whose result stays f32. */
export const keepsNothing = {
  keptForBackward: () => [],
  statisticsBytes: () => 0,
  roundsWell: () => false,
  exactInputs: () => [],
} as const;
