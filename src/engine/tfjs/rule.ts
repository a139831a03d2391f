import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueId } from '../graph/value';
import type { GraphNode, NodeOf, OperationName } from '../ops';

/** What an operation sees of the run it is part of. */
export interface RunContext {
  /** A parameter, an activation, or an i32/f32 input as a tensor in its graph shape. */
  tensor(id: ValueId): Tensor;
  /** Data of an input as it was passed; for operations that prepare something from it on the CPU. */
  input(id: ValueId): Float32Array | Int32Array | Uint8Array;
  shape(id: ValueId): readonly number[];
  /** Puts a new value into a state; the run keeps a handle of its own. */
  write(state: ValueId, value: Tensor): void;
  /** Seed of this step's dropout masks; null outside training. */
  readonly seed: number | null;
}

export interface ForwardResult {
  readonly y: Tensor;
  /** What backward needs beside the values it names in `backwardReads`; empty where no backward follows. */
  readonly saved: readonly Tensor[];
}

/** Gradient contributions; one value may occur twice. */
export type Gradients = readonly (readonly [ValueId, Tensor])[];

/**
 * How one operation is computed. The runner calls `forward` and `backward` inside `tidy`: temporaries need no disposal, and results must be
 * tensors of their own, never an input handed through (`clone` shares the data).
 */
export interface OpRule<N extends GraphNode = GraphNode> {
  /** Whether `forward` keeps anything but the result for `backward`. */
  saves(node: N): boolean;
  /** Values that `backward` reads through the context, given the inputs whose gradient is wanted. */
  backwardReads(node: N, wanted: ReadonlySet<ValueId>): readonly ValueId[];
  /** @param keep whether `backward` will follow */
  forward(node: N, context: RunContext, keep: boolean): ForwardResult;
  /** Gradients of the wanted inputs, dy being that of the output. */
  backward(node: N, dy: Tensor, saved: readonly Tensor[], wanted: ReadonlySet<ValueId>, context: RunContext): Gradients;
}

/** One rule per operation. */
export type OpRules = { readonly [Op in OperationName]: OpRule<NodeOf<Op>> };

/** The rule of a node. */
export function ruleOf(rules: OpRules, node: GraphNode): OpRule {
  return rules[node.op];
}

/** A saved tensor that must be there because `forward` was asked to keep it. */
export function savedTensor(saved: readonly Tensor[], index: number): Tensor {
  const tensor = saved[index];
  if (tensor === undefined) throw new Error(`Backward asks for saved tensor ${index}, which forward did not keep.`);
  return tensor;
}
