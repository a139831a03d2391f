import type { BackwardStep, TrainingProgram } from '../graph/differentiate';
import type { ValueId } from '../graph/value';
import { copyElements } from '../kernels/elementwise';
import type { GradientMode } from '../kernels/kernel';
import { nodeInputs, type GraphNode } from '../ops';
import type { Lowering } from './lowering';
import type { Operand } from './plan';

/** Partial sums `[slices, stride]`, of which some columns are parts of gradients. */
export interface PartialGradients {
  readonly slices: number;
  readonly stride: number;
  readonly into: readonly {
    readonly parameter: ValueId;
    /** First column. */
    readonly start: number;
    readonly count: number;
    readonly accumulate: boolean;
  }[];
}

/** Where gradients of parameters go. */
export interface GradientSinks {
  parameter(id: ValueId): Operand;
  /** Room for partial sums, which are added up into the parameters' gradients at the end of backward. */
  partialSums(sums: PartialGradients): Operand;
  /** Has the gradient of this parameter zeroed before each step. */
  clear(id: ValueId): void;
}

/** Records the backward pass of a program whose forward pass has been lowered; operations ask it where gradients go. */
export class BackwardLowering {
  /** Values whose gradient was multiplied by the derivative of their activation where it was computed. */
  readonly folded = new Set<ValueId>();
  private readonly gradients = new Map<ValueId, Operand>();
  private readonly producers: ReadonlyMap<ValueId, GraphNode>;
  private readonly consumers = new Map<ValueId, number>();
  private readonly parameters: ReadonlySet<ValueId>;

  constructor(
    readonly lowering: Lowering,
    program: TrainingProgram,
    readonly sinks: GradientSinks,
  ) {
    this.producers = new Map(program.graph.nodes.map((node) => [node.y, node]));
    this.parameters = new Set(program.graph.parameters.map(({ value }) => value));
    for (const node of program.graph.nodes) {
      for (const id of nodeInputs(node)) this.consumers.set(id, (this.consumers.get(id) ?? 0) + 1);
    }
  }

  /** Says where the gradient of a value already lies. */
  seed(id: ValueId, gradient: Operand): void {
    this.gradients.set(id, gradient);
  }

  /** Where the gradient of a value lies; activations get memory when first asked for. */
  gradient(id: ValueId): Operand {
    if (this.parameters.has(id)) return this.sinks.parameter(id);
    const existing = this.gradients.get(id);
    if (existing !== undefined) return existing;
    const operand = this.lowering.scratch(this.lowering.count(id), this.lowering.storage(id));
    this.gradients.set(id, operand);
    return operand;
  }

  /**
   * Calls `write` with an operand that is overwritten with the gradient of `id`, and adds it to earlier contributions where the kernel cannot.
   */
  overwriting({ accumulate }: Pick<BackwardStep, 'accumulate'>, id: ValueId, write: (target: Operand) => void): void {
    if (!accumulate.has(id)) return write(this.gradient(id));
    const scratch = this.lowering.scratch(this.lowering.count(id), this.lowering.storage(id));
    write(scratch);
    this.add(id, scratch, true);
  }

  /** Copies `source` to the gradient of a value, or adds it to what is there. */
  add(id: ValueId, source: Operand, accumulate: boolean): void {
    this.lowering.builder.dispatch(copyElements(this.lowering.count(id), { accumulate }), [source, this.gradient(id)]);
  }

  isParameter(id: ValueId): boolean {
    return this.parameters.has(id);
  }

  /** The node that computes a value; undefined for inputs and parameters. */
  producer(id: ValueId): GraphNode | undefined {
    return this.producers.get(id);
  }

  /** How many times nodes read a value. */
  readers(id: ValueId): number {
    return this.consumers.get(id) ?? 0;
  }
}

/** What a kernel does with the gradient of one of its inputs. */
export function gradientMode(
  { gradients, accumulate }: Pick<BackwardStep, 'gradients' | 'accumulate'>,
  id: ValueId,
): GradientMode {
  if (!gradients.has(id)) return 'none';
  return accumulate.has(id) ? 'add' : 'write';
}
