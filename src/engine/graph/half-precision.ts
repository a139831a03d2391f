import type { Graph, GraphNode, ValueId } from './ir';

/**
 * Activations that mixed precision keeps in f16, as it does their gradients: the results of layer norms, attention and linear layers that blocks pass on inside
 * themselves, which make up most of what backward needs. As under PyTorch's autocast, the residual stream stays f32, because every block adds
 * to it and rounding would add up, and so does what the loss compares.
 */
export function halfPrecisionValues(graph: Graph): ReadonlySet<ValueId> {
  const half = new Set(graph.nodes.filter(roundsWell).map(({ y }) => y));
  for (const node of graph.nodes) {
    if (node.op === 'linear' && node.residual !== null) half.delete(node.residual);
    if (node.op === 'normalize') half.delete(node.x);
  }
  for (const id of Object.values(graph.outputs)) half.delete(id);
  return half;
}

function roundsWell(node: GraphNode): boolean {
  return node.op === 'layerNorm' || node.op === 'attention' || (node.op === 'linear' && node.residual === null);
}
