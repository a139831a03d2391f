import type { TrainingProgram } from './differentiate';
import { elementCount, nodeInputs, type GraphNode, type ValueId } from './ir';

/** Bytes per element of the types of a graph. */
const BYTES = { f32: 4, i32: 4, u8: 1 } as const;

/** Peak bytes of what a training step holds besides parameters, their gradients and the optimizer's moments. */
export interface Footprint {
  /** Activations that are alive at the fullest moment, and the gradients that flow then. */
  readonly activations: number;
  /** Batch data. */
  readonly inputs: number;
}

/**
 * Follows a training step through time: an activation lives until its last reader, which may be a backward step, and its gradient from the
 * first contribution until the step that consumes it. Assumes that a step's results are allocated before its operands are let go.
 */
export function trainingFootprint({ graph, backward, loss }: TrainingProgram): Footprint {
  const bytes = (id: ValueId): number => {
    const value = graph.values[id];
    return value === undefined ? 0 : elementCount(value.shape) * BYTES[value.dtype];
  };
  const parameters = new Set(graph.parameters.map(({ value }) => value));
  const forwardSteps = graph.nodes.length;
  const lifetimes: { from: number; to: number; bytes: number }[] = [];

  const lastRead = new Map<ValueId, number>();
  graph.nodes.forEach((node, step) => {
    for (const id of [...nodeInputs(node), node.y]) lastRead.set(id, step);
  });
  backward.forEach(({ node, gradients }, index) => {
    for (const id of keptForBackward(node, gradients)) lastRead.set(id, forwardSteps + index);
  });
  const backwardStepOf = new Map(backward.map(({ node }, index) => [node.y, forwardSteps + index]));
  graph.nodes.forEach((node, step) => {
    lifetimes.push({ from: step, to: lastRead.get(node.y) ?? step, bytes: bytes(node.y) });
    const consumed = backwardStepOf.get(node.y);
    if (consumed !== undefined) lifetimes.push({ from: step, to: consumed, bytes: statistics(node, bytes) });
  });

  const firstContribution = new Map<ValueId, number>([[loss, forwardSteps]]);
  backward.forEach(({ gradients }, index) => {
    for (const id of gradients) if (!firstContribution.has(id)) firstContribution.set(id, forwardSteps + index);
  });
  for (const [id, from] of firstContribution) {
    if (!parameters.has(id)) lifetimes.push({ from, to: backwardStepOf.get(id) ?? from, bytes: bytes(id) });
  }

  const change = new Float64Array(forwardSteps + backward.length + 1);
  for (const { from, to, bytes: size } of lifetimes) {
    change[from] = (change[from] ?? 0) + size;
    change[to + 1] = (change[to + 1] ?? 0) - size;
  }
  let alive = 0;
  const activations = change.reduce((peak, delta) => Math.max(peak, (alive += delta)), 0);
  const read = new Set(graph.nodes.flatMap((node) => nodeInputs(node)));
  const inputs = graph.values.filter(({ id, kind }) => kind === 'input' && read.has(id));
  return { activations, inputs: inputs.reduce((sum, { id }) => sum + bytes(id), 0) };
}

/** Values that the backward step of a node reads. */
function keptForBackward(node: GraphNode, wanted: ReadonlySet<ValueId>): readonly ValueId[] {
  switch (node.op) {
    case 'linear':
      return wanted.has(node.weight) ? [node.x] : [];
    case 'layerNorm':
      return [node.x];
    case 'attention':
      return [node.qkv, node.y];
    case 'normalize':
      return [node.y];
    case 'contrastiveLoss':
      return [node.image, node.text];
    case 'tokenEmbedding':
    case 'patchify':
    case 'imageTokens':
    case 'pool':
      return [];
    default:
      return node satisfies never;
  }
}

/** Bytes that a node keeps for backward besides graph values: pre-activations, row statistics, the matrix of logits. */
function statistics(node: GraphNode, bytes: (id: ValueId) => number): number {
  switch (node.op) {
    case 'linear':
      return node.activation === 'none' ? 0 : bytes(node.y);
    case 'layerNorm':
      return 2 * (bytes(node.x) / (bytes(node.weight) / 4));
    case 'attention':
      return 4 * node.batch * node.heads * node.tokens;
    case 'contrastiveLoss':
      return bytes(node.imageKeys) ** 2 / 4;
    case 'normalize':
    case 'tokenEmbedding':
    case 'patchify':
    case 'imageTokens':
    case 'pool':
      return 0;
    default:
      return node satisfies never;
  }
}
