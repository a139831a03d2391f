import { nodeInputs, operationOf, writtenState, type GraphNode } from '../ops';
import { fits, type Unplaced } from '../ops/operation';
import type { Graph } from './ir';
import {
  elementCount,
  type DType,
  type ParameterPart,
  type ParameterSpec,
  type Value,
  type ValueId,
  type ValueKind,
} from './value';

/** Builds a graph node by node, inferring and checking shapes. A mismatch throws at once, with the names of the values involved. */
export class GraphBuilder {
  private readonly values: Value[] = [];
  private readonly nodes: GraphNode[] = [];
  private readonly parameters: ParameterSpec[] = [];
  private readonly parameterByName = new Map<string, ValueId>();
  private readonly inputByName = new Map<string, ValueId>();

  /**
   * @param watch sees each node that is added, and says what stands for its result from then on: `node.y`, or what the watcher adds behind it
   */
  constructor(private readonly watch: (builder: GraphBuilder, node: GraphNode) => ValueId = (_, { y }) => y) {}

  shape(id: ValueId): readonly number[] {
    const value = this.values[id];
    if (value === undefined) throw new Error(`The graph has no value ${String(id)}.`);
    return value.shape;
  }

  /** Data passed under `name` at every run. Asking twice for one name gives the same value. */
  input(name: string, dtype: DType, shape: readonly number[]): ValueId {
    const existing = this.inputByName.get(name);
    if (existing !== undefined) return existing;
    const id = this.value('input', dtype, shape, name);
    this.inputByName.set(name, id);
    return id;
  }

  /** One or several checkpoint tensors as a parameter of the given shape; asking twice gives the same value. */
  parameter(shape: readonly number[], ...parts: readonly ParameterPart[]): ValueId {
    const name = parts.map((part) => part.name).join(' | ');
    const existing = this.parameterByName.get(name);
    if (existing !== undefined) return existing;
    const held = parts.reduce((sum, part) => sum + elementCount(part.shape), 0);
    fits(held === elementCount(shape), `parameter ${name} has ${held} elements, its shape is [${shape.join(', ')}]`);
    const id = this.value('parameter', 'f32', shape, name);
    this.parameters.push({ value: id, shape, parts });
    this.parameterByName.set(name, id);
    return id;
  }

  /**
   * A state of the given shape, under `name` in the store (`ParameterSpec.state`); asking twice for one name gives the same value. To begin
   * anew, write zeros to the store.
   */
  state(shape: readonly number[], name: string): ValueId {
    const existing = this.parameterByName.get(name);
    if (existing !== undefined) return existing;
    const id = this.value('parameter', 'f32', shape, name);
    this.parameters.push({ value: id, shape, parts: [{ name, shape }], state: true });
    this.parameterByName.set(name, id);
    return id;
  }

  /**
   * Adds a node behind those that are there; each operation has a function of its own for this in its folder.
   *
   * @returns its result
   * @throws Error where the values do not fit together
   */
  add(fields: Unplaced<GraphNode>): ValueId {
    const shape = operationOf(fields).shape(fields, (id) => this.shape(id));
    const written = writtenState(fields);
    fits(written === null || this.liesInState(written), `${fields.op} writes to a value that is no state`);
    const node = { ...fields, y: this.value('activation', 'f32', shape, fields.op) };
    this.nodes.push(node);
    return this.watch(this, node);
  }

  /** The finished graph. Nodes that no output needs are left out, and so are their parameters. */
  build(outputs: Readonly<Record<string, ValueId>>): Graph {
    return pruneGraph({ values: this.values, nodes: this.nodes, parameters: this.parameters, outputs });
  }

  /** Whether a value is a state, or what an earlier node has written to one. */
  private liesInState(id: ValueId): boolean {
    const writer = this.nodes.find(({ y }) => y === id);
    if (writer === undefined) return this.parameters.some(({ value, state }) => value === id && state === true);
    const written = writtenState(writer);
    return written !== null && this.liesInState(written);
  }

  private value(kind: ValueKind, dtype: DType, shape: readonly number[], name: string): ValueId {
    const id = this.values.length;
    this.values.push({ id, kind, dtype, shape: [...shape], name });
    return id;
  }
}

/** Leaves out nodes and parameters that no output depends on. Value ids stay as they are. */
function pruneGraph(graph: Graph): Graph {
  const needed = new Set<ValueId>(Object.values(graph.outputs));
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!needed.has(node.y)) continue;
    nodes.push(node);
    for (const id of nodeInputs(node)) needed.add(id);
  }
  return { ...graph, nodes: nodes.reverse(), parameters: graph.parameters.filter(({ value }) => needed.has(value)) };
}
