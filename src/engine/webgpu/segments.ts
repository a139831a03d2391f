import { elementCount, nodeInputs, type Graph, type GraphNode, type ValueId } from '../graph/ir';

/** Consecutive nodes that are computed again, together, when backward reaches them. */
export interface Segment {
  readonly nodes: readonly GraphNode[];
  /** What the nodes compute, apart from values that later segments read. */
  readonly interior: ReadonlySet<ValueId>;
}

interface Span {
  readonly nodes: readonly GraphNode[];
  /** Elements of all the span's results, and of those that later nodes read. */
  readonly computed: number;
  readonly kept: number;
}

/**
 * Cuts a graph where only one new value goes on, as the residual stream does between the halves of transformer blocks, and joins neighbours so
 * that what is kept plus the largest segment is least (Chen et al. 2016, arXiv 1604.06174). The last segment is not among the results: its
 * backward pass starts at once, so nothing would be saved.
 */
export function checkpointSegments(graph: Graph): readonly Segment[] {
  const spans = cutIntoSpans(graph);
  let best: readonly Span[] = spans;
  for (let stride = 1; stride <= spans.length; stride++) {
    const joined = join(graph, spans, stride);
    if (cost(joined) < cost(best)) best = joined;
  }
  return best.slice(0, -1).map(({ nodes }) => ({ nodes, interior: interiorOf(graph, nodes) }));
}

function lastUses(graph: Graph): ReadonlyMap<ValueId, number> {
  const last = new Map<ValueId, number>();
  graph.nodes.forEach((node, index) => {
    for (const id of nodeInputs(node)) last.set(id, index);
  });
  for (const id of Object.values(graph.outputs)) last.set(id, graph.nodes.length);
  return last;
}

function cutIntoSpans(graph: Graph): readonly Span[] {
  const last = lastUses(graph);
  const spans: Span[] = [];
  let start = 0;
  graph.nodes.forEach((_, index) => {
    const nodes = graph.nodes.slice(start, index + 1);
    const goesOn = nodes.filter(({ y }) => (last.get(y) ?? -1) > index);
    if (goesOn.length > 1 && index < graph.nodes.length - 1) return;
    spans.push(spanOf(graph, nodes));
    start = index + 1;
  });
  return spans;
}

function spanOf(graph: Graph, nodes: readonly GraphNode[]): Span {
  const size = (ids: Iterable<ValueId>): number =>
    [...ids].reduce((total, id) => total + elementCount(graph.values[id]?.shape ?? []), 0);
  const all = size(nodes.map(({ y }) => y));
  return { nodes, computed: all, kept: all - size(interiorOf(graph, nodes)) };
}

function interiorOf(graph: Graph, nodes: readonly GraphNode[]): ReadonlySet<ValueId> {
  const last = lastUses(graph);
  const final = nodes.at(-1);
  const end = final === undefined ? -1 : graph.nodes.indexOf(final);
  return new Set(nodes.map(({ y }) => y).filter((id) => (last.get(id) ?? -1) <= end));
}

function join(graph: Graph, spans: readonly Span[], stride: number): readonly Span[] {
  const joined: Span[] = [];
  for (let start = 0; start < spans.length; start += stride) {
    joined.push(
      spanOf(
        graph,
        spans.slice(start, start + stride).flatMap(({ nodes }) => nodes),
      ),
    );
  }
  return joined;
}

function cost(spans: readonly Span[]): number {
  return spans.reduce((total, { kept }) => total + kept, 0) + Math.max(...spans.map(({ computed }) => computed));
}
