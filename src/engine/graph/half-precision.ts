import { operationOf } from '../ops';
import type { Graph } from './ir';
import type { ValueId } from './value';

/**
 * Activations that mixed precision keeps in f16, as it does their gradients: the results of layer norms, attention and linear layers that blocks pass on inside
 * themselves, which make up most of what backward needs. As under PyTorch's autocast, the residual stream stays f32, because every block adds
 * to it and rounding would add up, and so does what the loss compares.
 */
export function halfPrecisionValues(graph: Graph): ReadonlySet<ValueId> {
  const half = new Set(graph.nodes.filter((node) => operationOf(node).roundsWell(node)).map(({ y }) => y));
  for (const node of graph.nodes) for (const id of operationOf(node).exactInputs(node)) half.delete(id);
  for (const id of Object.values(graph.outputs)) half.delete(id);
  return half;
}
