import type { Precision } from '../executor';
import type { BackwardStep, TrainingProgram } from './differentiate';
import { halfPrecisionValues } from './half-precision';
import { nodeInputs, operationOf, writtenState, type GraphNode } from '../ops';
import type { Graph } from './ir';
import { elementCount, type ValueId } from './value';
import { batchLossOf, comparedPart, type LossNode } from './loss';
import { checkpointSegments, type Segment } from './segments';

/** Bytes per element of the types of a graph. */
const bytesOf = { f32: 4, i32: 4, u8: 1 } as const;

/** Peak bytes of what a training step holds besides parameters, their gradients and the optimizer's moments. */
export interface Footprint {
  /** Activations that are alive at the fullest moment, and the gradients that flow then. */
  readonly activations: number;
  /** Batch data. */
  readonly inputs: number;
  /** The largest activation. */
  readonly largest: number;
}

/** How a step is computed, as in `TrainerOptions`. */
export interface FootprintOptions {
  readonly checkpointing?: boolean;
  readonly microBatches?: number;
  readonly precision?: Precision;
}

/**
 * Follows a training step through time: an activation lives until its last reader, which may be a backward step, and its gradient from the
 * first contribution until the step that consumes it. Assumes that a step's results are allocated before its operands are let go.
 *
 * @param program of one micro-batch
 */
export function trainingFootprint(
  program: TrainingProgram,
  { checkpointing = false, microBatches = 1, precision = 'float32' }: FootprintOptions = {},
): Footprint {
  const { graph, backward, loss } = program;
  const half = halfValues(graph, precision);
  const whole = (): Footprint => {
    const time = new Timeline(graph, half);
    time.passes(graph.nodes, backward, checkpointing, [loss]);
    return { activations: time.peak(), inputs: inputBytes(graph, graph.nodes), largest: time.largest };
  };
  const node = batchLossOf(program);
  if (microBatches === 1 || node === null) return whole();

  // Features of every micro-batch, then the loss over all of them, then backward through one micro-batch at a time.
  const towers = comparedPart(graph, node);
  const { nodes } = towers;
  const features = new Timeline(towers, half);
  features.passes(nodes, [], false, []);
  const through = new Timeline(towers, half);
  const rest = backward.filter((step) => step.node !== node.node);
  through.passes(nodes, rest, checkpointing, node.compared);
  const comparison = lossBytes(graph, node, microBatches);
  return {
    activations: comparison.kept + Math.max(features.peak(), comparison.passing, through.peak()),
    inputs: inputBytes(towers, nodes) + comparison.keys,
    largest: Math.max(features.largest, through.largest, comparison.passing),
  };
}

/** Bytes that forward leaves for backward, all values counted once: what no schedule can do without, unless it computes them again. */
export function keptBytes({ graph, backward }: TrainingProgram, precision: Precision = 'float32'): number {
  const bytes = sizesOf(graph, halfValues(graph, precision));
  const computed = new Set(graph.nodes.map(({ y }) => y));
  const values = new Set(backward.flatMap(({ node, gradients }) => operationOf(node).keptForBackward(node, gradients)));
  const held = [...values].filter((id) => computed.has(id)).reduce((sum, id) => sum + bytes(id), 0);
  return backward.reduce((sum, { node }) => sum + operationOf(node).statisticsBytes(node, bytes), held);
}

/** Footprint of a graph whose results alone are wanted. */
export function inferenceFootprint(graph: Graph): Footprint {
  const time = new Timeline(graph);
  time.passes(graph.nodes, [], false, []);
  return { activations: time.peak(), inputs: inputBytes(graph, graph.nodes), largest: time.largest };
}

function halfValues(graph: Graph, precision: Precision): ReadonlySet<ValueId> {
  return precision === 'mixed' ? halfPrecisionValues(graph) : new Set();
}

/** @param half values of two bytes an element */
function sizesOf(graph: Graph, half: ReadonlySet<ValueId> = new Set()): (id: ValueId) => number {
  return (id) => {
    const value = graph.values[id];
    return value === undefined ? 0 : elementCount(value.shape) * (half.has(id) ? 2 : bytesOf[value.dtype]);
  };
}

function inputBytes(graph: Graph, nodes: readonly GraphNode[]): number {
  const bytes = sizesOf(graph);
  const read = new Set([...nodes.flatMap((node) => nodeInputs(node)), ...Object.values(graph.outputs)]);
  const inputs = graph.values.filter(({ id, kind }) => kind === 'input' && read.has(id));
  return inputs.reduce((sum, { id }) => sum + bytes(id), 0);
}

/** What a loss over several micro-batches adds: what it compares and the gradients of that all through the step, its own while it is computed. */
function lossBytes(graph: Graph, { compared, perSample, passingBytes }: LossNode, microBatches: number) {
  const bytes = sizesOf(graph);
  const total = (ids: readonly ValueId[]): number => ids.reduce((sum, id) => sum + bytes(id), 0);
  const features = total(compared);
  const [batch = 1] = graph.values[compared[0] ?? -1]?.shape ?? [];
  return {
    kept: 2 * microBatches * features + features,
    passing: passingBytes(batch * microBatches),
    keys: microBatches * total(perSample),
  };
}

interface Lifetime {
  readonly from: number;
  to: number;
  readonly bytes: number;
}

/** When the values of a step come and go. */
class Timeline {
  largest = 0;
  private readonly lifetimes: Lifetime[] = [];
  private readonly bytes: (id: ValueId) => number;
  /** What each activation and each gradient is held in now, and what nodes keep for backward. */
  private readonly held = new Map<ValueId, Lifetime>();
  private readonly gradients = new Map<ValueId, Lifetime>();
  private readonly kept = new Map<GraphNode, Lifetime>();
  private readonly parameters: ReadonlySet<ValueId>;
  private now = 0;

  constructor(
    private readonly graph: Graph,
    half: ReadonlySet<ValueId> = new Set(),
  ) {
    this.bytes = sizesOf(graph, half);
    this.parameters = new Set(graph.parameters.map(({ value }) => value));
  }

  /** @param seeds values whose gradients are there when backward begins */
  passes(
    nodes: readonly GraphNode[],
    backward: readonly BackwardStep[],
    checkpointing: boolean,
    seeds: readonly ValueId[],
  ): void {
    const differentiated = new Set(backward.map(({ node }) => node));
    const segmentOf = new Map<GraphNode, Segment>();
    for (const segment of checkpointing ? checkpointSegments({ ...this.graph, nodes }) : []) {
      if (!segment.nodes.some((node) => differentiated.has(node))) continue;
      for (const node of segment.nodes) segmentOf.set(node, segment);
    }
    for (const node of nodes) this.forward(node, differentiated.has(node) && !segmentOf.has(node));
    for (const id of seeds) this.gradients.set(id, this.begin(this.bytes(id)));
    const visited = new Set<Segment>();
    for (const step of backward) {
      const segment = segmentOf.get(step.node);
      if (segment !== undefined && !visited.has(segment)) {
        visited.add(segment);
        for (const id of segment.interior) this.held.delete(id);
        for (const node of segment.nodes) {
          const save = differentiated.has(node);
          if (segment.interior.has(node.y) || (save && operationOf(node).statisticsBytes(node, this.bytes) > 0))
            this.forward(node, save);
        }
      }
      this.backward(step);
    }
  }

  /** Most bytes alive at once. */
  peak(): number {
    const change = new Float64Array(this.now + 2);
    for (const { from, to, bytes } of this.lifetimes) {
      change[from] = (change[from] ?? 0) + bytes;
      change[to + 1] = (change[to + 1] ?? 0) - bytes;
    }
    let alive = 0;
    return change.reduce((most, delta) => Math.max(most, (alive += delta)), 0);
  }

  private begin(bytes: number): Lifetime {
    const lifetime = { from: this.now, to: this.now, bytes };
    this.lifetimes.push(lifetime);
    this.largest = Math.max(this.largest, bytes);
    return lifetime;
  }

  private read(id: ValueId): void {
    const held = this.held.get(id);
    if (held !== undefined) held.to = this.now;
  }

  private forward(node: GraphNode, save: boolean): void {
    for (const id of nodeInputs(node)) this.read(id);
    // What is written to a state lies there.
    const bytes = writtenState(node) === null ? this.bytes(node.y) : 0;
    if (!this.held.has(node.y)) this.held.set(node.y, this.begin(bytes));
    this.read(node.y);
    if (save) this.kept.set(node, this.begin(operationOf(node).statisticsBytes(node, this.bytes)));
    this.now++;
  }

  private backward({ node, gradients }: BackwardStep): void {
    for (const id of operationOf(node).keptForBackward(node, gradients)) this.read(id);
    const kept = this.kept.get(node);
    if (kept !== undefined) kept.to = this.now;
    const consumed = this.gradients.get(node.y);
    if (consumed !== undefined) consumed.to = this.now;
    for (const id of gradients) {
      if (this.parameters.has(id)) continue;
      const gradient = this.gradients.get(id) ?? this.begin(this.bytes(id));
      gradient.to = this.now;
      this.gradients.set(id, gradient);
    }
    this.now++;
  }
}
