import { nodeInputs, type GraphNode } from '../ops';
import type { Graph } from './ir';
import type { ValueId } from './value';

/** What one node owes to backward. */
export interface BackwardStep {
  readonly node: GraphNode;
  /** The inputs of the node whose gradient is wanted. Never empty. */
  readonly gradients: ReadonlySet<ValueId>;
  /** The subset of `gradients` that already holds a contribution of a later node: add to it instead of overwriting it. */
  readonly accumulate: ReadonlySet<ValueId>;
}

/** A graph together with its backward pass, in reverse order. Frozen parts appear in no backward step. */
export interface TrainingProgram {
  readonly graph: Graph;
  /** The scalar that is minimised. */
  readonly loss: ValueId;
  /** Parameter values that the optimizer updates and the loss depends on. */
  readonly trainable: ReadonlySet<ValueId>;
  readonly backward: readonly BackwardStep[];
}

/**
 * Reverse-mode differentiation of `loss` with respect to the trainable parameters.
 *
 * Invariant used by executors: when the backward step of a node runs, the gradient of its output is complete and is read by no later step, so
 * the residual of a linear node may take over its buffer.
 */
export function differentiate(graph: Graph, loss: ValueId, trainable: ReadonlySet<ValueId>): TrainingProgram {
  const requiresGradient = new Set<ValueId>();
  for (const { value, state } of graph.parameters) {
    if (trainable.has(value) && state !== true) requiresGradient.add(value);
  }
  for (const node of graph.nodes) {
    if (nodeInputs(node).some((id) => requiresGradient.has(id))) requiresGradient.add(node.y);
  }
  const backward: BackwardStep[] = [];
  const touched = new Set<ValueId>([loss]);
  for (const node of [...graph.nodes].reverse()) {
    if (!touched.has(node.y) || !requiresGradient.has(node.y)) continue;
    const gradients = new Set(nodeInputs(node).filter((id) => requiresGradient.has(id)));
    const accumulate = new Set([...gradients].filter((id) => touched.has(id)));
    for (const id of gradients) touched.add(id);
    backward.push({ node, gradients, accumulate });
  }
  const reached = new Set([...trainable].filter((id) => touched.has(id)));
  return { graph, loss, trainable: reached, backward };
}
