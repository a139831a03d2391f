import { operationOf, type GraphNode } from '../ops';
import type { TrainingProgram } from './differentiate';
import type { ValueId } from './value';
import { batchLossOf } from './loss';

/** How a step is computed, as in `TrainerOptions`. */
export interface FlopsOptions {
  readonly microBatches: number;
  readonly checkpointing: boolean;
}

/**
 * Floating-point operations of a training step, as they are usually counted: two for each multiply-add of its matrix products, forward and backward.
 * What is frozen and below all that is trained is in no backward step; what is kept of frozen layers is not in the graph at all.
 *
 * @param program of one micro-batch
 */
export function stepFlops(program: TrainingProgram, { microBatches, checkpointing }: FlopsOptions): number {
  const { graph, backward } = program;
  const products = (node: GraphNode, wanted: ReadonlySet<ValueId> | null): number =>
    operationOf(node).multiplyAdds?.(node, (id) => graph.values[id]?.shape ?? [], wanted) ?? 0;
  const forward = graph.nodes.reduce((sum, node) => sum + products(node, null), 0);
  const back = backward.reduce((sum, { node, gradients }) => sum + products(node, gradients), 0);
  // Forward is computed once more where activations are not kept, and where a loss over all micro-batches comes first.
  const again = Number(checkpointing) + Number(microBatches > 1 && batchLossOf(program) !== null);
  return 2 * microBatches * (forward * (1 + again) + back);
}
