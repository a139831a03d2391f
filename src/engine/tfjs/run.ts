import { add, dispose, keep, scalar, tensor, tidy, type Tensor } from '@tensorflow/tfjs-core';
import { EngineError, type InputData } from '../executor';
import type { BackwardStep } from '../graph/differentiate';
import { elementCount, nodeInputs, type Graph, type ValueId } from '../graph/ir';
import { ruleOf, type OpRules, type RunContext } from './rule';

/** Which values can be let go after which step: forward nodes first, then backward steps. */
export interface Schedule {
  readonly graph: Graph;
  readonly rules: OpRules;
  readonly backward: readonly BackwardStep[];
  /** By step: values that no later step reads. */
  readonly released: readonly (readonly ValueId[])[];
}

/** Plans the lifetime of every value. Outputs and parameters are never released. */
export function schedule(graph: Graph, rules: OpRules, backward: readonly BackwardStep[] = []): Schedule {
  const lastUse = new Map<ValueId, number>();
  graph.nodes.forEach((node, step) => {
    lastUse.set(node.y, step);
    for (const id of nodeInputs(node)) lastUse.set(id, step);
  });
  backward.forEach(({ node, gradients }, index) => {
    for (const id of ruleOf(rules, node).backwardReads(node, gradients)) lastUse.set(id, graph.nodes.length + index);
  });
  const kept = new Set([...Object.values(graph.outputs), ...graph.parameters.map(({ value }) => value)]);
  const released = Array.from({ length: graph.nodes.length + backward.length }, (): ValueId[] => []);
  for (const [id, step] of lastUse) if (!kept.has(id)) released[step]?.push(id);
  return { graph, rules, backward, released };
}

/** One run of a graph: uploads inputs when they are first read, computes, and lets go of what no later step needs. */
export class GraphRun implements RunContext {
  private readonly tensors = new Map<ValueId, Tensor>();
  private readonly saved = new Map<ValueId, Tensor[]>();
  private readonly gradientOf = new Map<ValueId, Tensor>();
  private readonly parameterIds: ReadonlySet<ValueId>;

  /**
   * @param parameters the tensor of a parameter value
   * @param seed null outside training
   * @param afterStep called after each step, for the memory ledger
   */
  constructor(
    private readonly plan: Schedule,
    private readonly inputs: InputData,
    private readonly parameters: (id: ValueId) => Tensor,
    readonly seed: number | null,
    private readonly afterStep: () => void,
  ) {
    this.parameterIds = new Set(plan.graph.parameters.map(({ value }) => value));
    checkInputs(plan.graph, inputs);
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
    if (this.parameterIds.has(id)) return this.parameters(id);
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

  /** Computes all nodes; results are then read with `tensor`. */
  forward(): void {
    const { graph, rules, backward } = this.plan;
    const differentiated = new Set(backward.map(({ node }) => node));
    graph.nodes.forEach((node, step) => {
      const [y, ...saved] = tidy(() => {
        const result = ruleOf(rules, node).forward(node, this, differentiated.has(node));
        return [result.y, ...result.saved];
      });
      if (y === undefined) throw new Error(`The operation ${node.op} computed nothing.`);
      this.tensors.set(node.y, y);
      this.saved.set(node.y, saved);
      this.finish(step);
    });
  }

  /** Computes the gradients of the trainable parameters from a loss gradient of 1. The caller disposes of them. */
  backward(loss: ValueId, trainable: ReadonlySet<ValueId>): Map<ValueId, Tensor> {
    const { graph, rules, backward } = this.plan;
    this.gradientOf.set(loss, scalar(1));
    backward.forEach(({ node, gradients }, index) => {
      const dy = this.gradientOf.get(node.y);
      if (dy === undefined) throw new Error(`The gradient of ${node.op} was asked for before it was known.`);
      const ids: ValueId[] = [];
      const contributions = tidy(() =>
        ruleOf(rules, node)
          .backward(node, dy, this.saved.get(node.y) ?? [], gradients, this)
          .map(([id, gradient]) => {
            ids.push(id);
            return gradient;
          }),
      );
      dispose([dy, ...(this.saved.get(node.y) ?? [])]);
      this.gradientOf.delete(node.y);
      this.saved.delete(node.y);
      contributions.forEach((gradient, at) => this.accumulate(ids[at] ?? -1, gradient));
      this.finish(graph.nodes.length + index);
    });
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

  private accumulate(id: ValueId, gradient: Tensor): void {
    const before = this.gradientOf.get(id);
    this.gradientOf.set(id, before === undefined ? gradient : add(before, gradient));
    if (before !== undefined) dispose([before, gradient]);
  }

  private finish(step: number): void {
    this.afterStep();
    for (const id of this.plan.released[step] ?? []) {
      this.tensors.get(id)?.dispose();
      this.tensors.delete(id);
    }
  }

  private value(id: ValueId) {
    const value = this.plan.graph.values[id];
    if (value === undefined) throw new Error(`The graph has no value ${id}.`);
    return value;
  }
}

function checkInputs(graph: Graph, inputs: InputData): void {
  const needed = new Set(graph.nodes.flatMap((node) => nodeInputs(node)));
  for (const { id, kind, name, dtype, shape } of graph.values) {
    if (kind !== 'input' || !needed.has(id)) continue;
    const data = inputs[name];
    const expected = `${elementCount(shape)} values (${dtype} [${shape.join(', ')}])`;
    if (data === undefined) throw new EngineError('validation', `The graph needs input "${name}": ${expected}.`);
    const fits = { f32: Float32Array, i32: Int32Array, u8: Uint8Array }[dtype];
    if (!(data instanceof fits) || data.length !== elementCount(shape)) {
      const given = `${data.constructor.name} of ${data.length}`;
      throw new EngineError('validation', `Input "${name}" is a ${given}; the graph needs ${expected}.`);
    }
  }
}
