import { elementCount, type Graph, type GraphNode, type ValueId } from '../graph/ir';
import type { AttentionShape, AttentionVariant } from '../kernels/attention-problem';
import type { LinearShape } from '../kernels/linear';
import type { MatmulVariant } from '../kernels/matmul-problem';
import { FLOAT_BYTES, type FloatStorage } from '../kernels/storage';
import type { KernelTarget } from '../kernels/target';
import { defaultVariant } from '../kernels/linear';
import type { Operand, PlanBuilder } from './plan';

/** The three products of a linear layer. */
export type LinearPass = 'forward' | 'input' | 'weight';

/** Kernel variants for one adapter. */
export interface KernelChoice {
  readonly target: KernelTarget;
  /** Matmul variant for a pass of a linear layer of this shape; absent: the portable default. */
  readonly linear?: (pass: LinearPass, shape: LinearShape) => MatmulVariant;
  /** Attention variant for this shape; absent: the one that works everywhere. */
  readonly attention?: (shape: AttentionShape) => AttentionVariant;
}

/** What forward leaves for the backward pass of one node. */
export type Saved =
  | { readonly op: 'linear'; readonly derivative: Operand }
  | { readonly op: 'layerNorm'; readonly statistics: Operand }
  | { readonly op: 'attention'; readonly logSumExp: Operand }
  | { readonly op: 'contrastiveLoss'; readonly similarities: Operand; readonly statistics: Operand };

/** What makes a training step one of mixed precision. */
export interface MixedPrecision {
  /** Activations that are kept in f16, as are their gradients. */
  readonly half: ReadonlySet<ValueId>;
  /** The loss scale, first in its buffer, that keeps gradients within the range of f16 (`finishStep`). */
  readonly scaling: Operand;
}

/** A graph on its way to dispatches: where its values lie, and the kernels that suit the adapter. */
export class Lowering {
  readonly saved = new Map<GraphNode, Saved>();
  private readonly operands = new Map<ValueId, Operand>();
  private readonly salts: ReadonlyMap<GraphNode, number>;

  constructor(
    readonly builder: PlanBuilder,
    readonly graph: Graph,
    readonly choice: KernelChoice,
    /** Uniform buffer of per-step values; null where dropout is off. */
    readonly scalars: Operand | null,
    bound: ReadonlyMap<ValueId, Operand>,
    /** Null: everything is f32. */
    readonly mixed: MixedPrecision | null = null,
  ) {
    for (const [id, operand] of bound) this.operands.set(id, operand);
    this.salts = new Map(graph.nodes.map((node, index) => [node, index]));
  }

  /** Where a value lies; an activation gets its memory when it is first asked for. */
  operand(id: ValueId): Operand {
    const existing = this.operands.get(id);
    if (existing !== undefined) return existing;
    // The loss kernel writes its result as a vector of four.
    const storage = this.storage(id);
    const operand = this.builder.temporary(Math.max(16, FLOAT_BYTES[storage] * this.count(id)), storage);
    this.operands.set(id, operand);
    return operand;
  }

  /** Gives these activations new memory from here on: they are about to be computed again. */
  renew(ids: Iterable<ValueId>): void {
    for (const id of ids) this.operands.delete(id);
  }

  scratch(elements: number, storage: FloatStorage = 'f32'): Operand {
    return this.builder.temporary(FLOAT_BYTES[storage] * elements, storage);
  }

  /** How the elements of an activation, and those of its gradient, are stored. */
  storage(id: ValueId): FloatStorage {
    return this.mixed?.half.has(id) === true ? 'f16' : 'f32';
  }

  shape(id: ValueId): readonly number[] {
    const value = this.graph.values[id];
    if (value === undefined) throw new Error(`The graph has no value ${String(id)}.`);
    return value.shape;
  }

  count(id: ValueId): number {
    return elementCount(this.shape(id));
  }

  /** Extents of a matrix. */
  matrix(id: ValueId): readonly [rows: number, columns: number] {
    const [rows = 1, columns = 1] = this.shape(id);
    return [rows, columns];
  }

  linearShape(x: ValueId, weight: ValueId): LinearShape {
    const [rows, inner] = this.matrix(x);
    const [columns] = this.matrix(weight);
    return { rows, inner, columns };
  }

  variant(pass: LinearPass, shape: LinearShape): MatmulVariant {
    return this.choice.linear?.(pass, shape) ?? defaultVariant;
  }

  attentionVariant(shape: AttentionShape): AttentionVariant {
    return this.choice.attention?.(shape) ?? { kind: 'rows' };
  }

  /** Tells the dropout masks of different nodes apart. */
  salt(node: GraphNode): number {
    return this.salts.get(node) ?? 0;
  }
}

/** Bindings that attention adds where it masks or drops: key lengths, then the scalars. */
export function attentionExtras(
  lowering: Lowering,
  node: GraphNode & { readonly op: 'attention' },
): readonly Operand[] {
  const extras: Operand[] = [];
  if (node.lengths !== null) extras.push(lowering.operand(node.lengths));
  if (attentionDropout(lowering, node) > 0 && lowering.scalars !== null) extras.push(lowering.scalars);
  return extras;
}

/** Dropout that applies: none where there are no per-step seeds, as in evaluation. */
export function attentionDropout(lowering: Lowering, node: GraphNode & { readonly op: 'attention' }): number {
  return lowering.scalars === null ? 0 : node.dropout;
}
