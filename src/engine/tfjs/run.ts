import { add, dispose, keep, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type InputData } from '../executor';
import type { BackwardStep } from '../graph/differentiate';
import type { Graph } from '../graph/ir';
import { elementCount, type ValueId } from '../graph/value';
import type { GraphNode } from '../ops';
import { ruleOf, type RunContext } from './rule';
import type { Schedule, ScheduledStep } from './schedule';
import { parameterKey, type TfjsStore } from './store';

/** The parameters and states of a graph. */
export interface GraphParameters {
  read(id: ValueId): Tensor;
  /** Takes the tensor over. */
  write(id: ValueId, value: Tensor): void;
}

/** Those that a store holds. */
export function storedParameters({ parameters }: Pick<Graph, 'parameters'>, store: TfjsStore): GraphParameters {
  const keys = new Map(parameters.map((spec) => [spec.value, parameterKey(spec.parts)]));
  return {
    read: (id) => store.at(keys.get(id) ?? ''),
    write: (id, value) => store.replaceAt(keys.get(id) ?? '', value),
  };
}

/** One run of a graph: uploads inputs when they are first read, computes, and lets go of what no later step needs. */
export class GraphRun implements RunContext {
  private readonly tensors = new Map<ValueId, Tensor>();
  private readonly saved = new Map<ValueId, Tensor[]>();
  private readonly gradientOf = new Map<ValueId, Tensor>();

  /**
   * @param seed null outside training
   * @param afterStep called after each step, for the memory ledger
   */
  constructor(
    private readonly plan: Schedule,
    private readonly inputs: InputData,
    private readonly parameters: GraphParameters,
    readonly seed: number | null,
    private readonly afterStep: () => void,
  ) {
    checkInputs(plan, inputs);
  }

  shape(id: ValueId): readonly number[] {
    return this.value(id).shape;
  }

  input(id: ValueId): Float32Array | Int32Array | Uint8Array {
    const { name } = this.value(id);
    const data = this.inputs[name];
    if (data === undefined) throw new EngineError('validation', `The graph was not given its input "${name}".`);
    return data;
  }

  tensor(id: ValueId): Tensor {
    if (this.plan.parameters.has(id)) return this.parameters.read(id);
    const held = this.tensors.get(id);
    if (held !== undefined) return held;
    const { kind, dtype, shape, name } = this.value(id);
    if (kind !== 'input')
      throw new Error(`The ${name} of value ${id} was read before it was computed or after it was let go.`);
    // First read inside of a rule's tidy, needed beyond it.
    const uploaded = keep(tensor(this.input(id), [...shape], dtype === 'f32' ? 'float32' : 'int32'));
    this.tensors.set(id, uploaded);
    return uploaded;
  }

  write(state: ValueId, value: Tensor): void {
    this.parameters.write(this.plan.stateOf.get(state) ?? state, keep(value.clone()));
  }

  /** Computes all nodes; results are then read with `tensor`. */
  forward(): void {
    for (const step of this.plan.forward) this.execute(step);
  }

  /**
   * Computes the gradients of the trainable parameters. The caller disposes of them.
   *
   * @param seeds gradients to start from: of the loss, or of features; taken over by the run
   */
  backward(seeds: ReadonlyMap<ValueId, Tensor>, trainable: ReadonlySet<ValueId>): Map<ValueId, Tensor> {
    for (const [id, gradient] of seeds) this.gradientOf.set(id, gradient);
    for (const step of this.plan.backward) this.execute(step);
    const result = new Map<ValueId, Tensor>();
    for (const id of trainable) {
      const gradient = this.gradientOf.get(id);
      if (gradient !== undefined) result.set(id, gradient);
      this.gradientOf.delete(id);
    }
    return result;
  }

  /** Lets go of everything that is left. */
  dispose(): void {
    dispose([...this.tensors.values(), ...this.gradientOf.values(), ...[...this.saved.values()].flat()]);
    for (const map of [this.tensors, this.gradientOf, this.saved]) map.clear();
  }

  private execute(step: ScheduledStep): void {
    if (step.kind === 'forward') this.forwardNode(step.node, step.keep);
    else this.backwardNode(step.step);
    this.afterStep();
    for (const id of step.released) {
      this.tensors.get(id)?.dispose();
      this.tensors.delete(id);
    }
  }

  private forwardNode(node: GraphNode, keep: boolean): void {
    const [y, ...saved] = tidy(() => {
      const result = ruleOf(this.plan.rules, node).forward(node, this, keep);
      return [result.y, ...result.saved];
    });
    if (y === undefined) throw new Error(`The operation ${node.op} computed nothing.`);
    // Computed a second time, the result takes the place of the first.
    this.tensors.get(node.y)?.dispose();
    this.tensors.set(node.y, y);
    this.saved.set(node.y, saved);
  }

  private backwardNode({ node, gradients }: BackwardStep): void {
    const dy = this.gradientOf.get(node.y);
    if (dy === undefined) throw new Error(`The gradient of ${node.op} was asked for before it was known.`);
    const saved = this.saved.get(node.y) ?? [];
    const ids: ValueId[] = [];
    const contributions = tidy(() =>
      ruleOf(this.plan.rules, node)
        .backward(node, dy, saved, gradients, this)
        .map(([id, gradient]) => {
          ids.push(id);
          return gradient;
        }),
    );
    dispose([dy, ...saved]);
    this.gradientOf.delete(node.y);
    this.saved.delete(node.y);
    contributions.forEach((gradient, at) => this.accumulate(ids[at] ?? -1, gradient));
  }

  private accumulate(id: ValueId, gradient: Tensor): void {
    const before = this.gradientOf.get(id);
    this.gradientOf.set(id, before === undefined ? gradient : add(before, gradient));
    if (before !== undefined) dispose([before, gradient]);
  }

  private value(id: ValueId) {
    const value = this.plan.graph.values[id];
    if (value === undefined) throw new Error(`The graph has no value ${id}.`);
    return value;
  }
}

const arrays = { f32: Float32Array, i32: Int32Array, u8: Uint8Array } as const;

function checkInputs(plan: Schedule, inputs: InputData): void {
  for (const { name, dtype, shape } of plan.inputs) {
    const data = inputs[name];
    if (data instanceof arrays[dtype] && data.length === elementCount(shape)) continue;
    const expected = `${elementCount(shape)} values (${dtype} [${shape.join(', ')}])`;
    if (data === undefined) throw new EngineError('validation', `The graph needs input "${name}": ${expected}.`);
    const given = `${data.constructor.name} of ${data.length}`;
    throw new EngineError('validation', `Input "${name}" is a ${given}; the graph needs ${expected}.`);
  }
}
