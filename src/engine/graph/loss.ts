import { operationOf, type GraphNode } from '../ops';
import type { TrainingProgram } from './differentiate';
import type { Graph } from './ir';
import type { ValueId } from './value';

/** The node of a loss that one step can compute over several micro-batches, with what its operation says of it. */
export interface LossNode {
  readonly node: GraphNode;
  /** Activations `[batch, …]` whose rows the loss takes. */
  readonly compared: readonly ValueId[];
  /** Inputs `[batch, …]`. */
  readonly perSample: readonly ValueId[];
  /** Bytes that exist only while the loss over this many samples is computed. */
  readonly passingBytes: (samples: number) => number;
  /** The scalar parameter whose exponential scales what is compared; null where there is none. */
  readonly logScale: ValueId | null;
}

/** What a program minimises, as a loss over a batch; null where it is of another kind. */
export function batchLossOf({ graph, loss }: Pick<TrainingProgram, 'graph' | 'loss'>): LossNode | null {
  const node = graph.nodes.find(({ y }) => y === loss);
  if (node === undefined) return null;
  const rules = operationOf(node).loss;
  if (rules === undefined) return null;
  return {
    node,
    compared: rules.compared(node),
    perSample: rules.perSample(node),
    passingBytes: (samples) => rules.passingBytes(samples),
    logScale: rules.logScale(node),
  };
}

/** The graph up to what the loss compares, which becomes its outputs. */
export function comparedPart(graph: Graph, { node, compared }: LossNode): Graph {
  const outputs = Object.fromEntries(compared.map((id, place) => [`compared.${place}`, id]));
  return { ...graph, nodes: graph.nodes.filter((other) => other !== node), outputs };
}
