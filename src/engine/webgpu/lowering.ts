import type { Graph } from '../graph/ir';
import { elementCount, type ValueId } from '../graph/value';
import type { LinearShape } from '../ops/linear/kernels';
import { floatBytes, type FloatStorage } from '../kernels/storage';
import type { KernelChoice } from '../kernel-choice';
import type { GraphNode } from '../ops';
import type { Operand, PlanBuilder } from './plan';

/** What makes a training step one of mixed precision. */
export interface MixedPrecision {
  /** Activations that are kept in f16, as are their gradients. */
  readonly half: ReadonlySet<ValueId>;
  /** The loss scale, first in its buffer, that keeps gradients within the range of f16 (`finishStep`). */
  readonly scaling: Operand;
}

/** A graph on its way to dispatches: where its values lie, and the kernels that suit the adapter. */
export class Lowering {
  private readonly saved = new Map<GraphNode, unknown>();
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
    const operand = this.builder.temporary(Math.max(16, floatBytes[storage] * this.count(id)), storage);
    this.operands.set(id, operand);
    return operand;
  }

  /** Says where a value lies that takes no memory of its own. */
  place(id: ValueId, operand: Operand): void {
    this.operands.set(id, operand);
  }

  /** Keeps what the backward pass of a node needs beside values of the graph; each operation knows what it keeps. */
  keep<Saved>(node: GraphNode, saved: Saved): void {
    this.saved.set(node, saved);
  }

  /** What forward kept of a node. */
  kept<Saved>(node: GraphNode): Saved {
    const saved = this.keptIfAny<Saved>(node);
    if (saved === undefined) throw new Error(`Forward saved nothing for the gradient of ${node.op}.`);
    return saved;
  }

  /** As `kept`; undefined where forward kept nothing. */
  keptIfAny<Saved>(node: GraphNode): Saved | undefined {
    return this.saved.get(node) as Saved | undefined;
  }

  /** Gives these activations new memory from here on: they are about to be computed again. */
  renew(ids: Iterable<ValueId>): void {
    for (const id of ids) this.operands.delete(id);
  }

  scratch(elements: number, storage: FloatStorage = 'f32'): Operand {
    return this.builder.temporary(floatBytes[storage] * elements, storage);
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

  /** Tells the dropout masks of different nodes apart. */
  salt(node: GraphNode): number {
    return this.salts.get(node) ?? 0;
  }
}
