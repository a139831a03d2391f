import { nodeInputs, type GraphNode } from '../ops';
import type { Graph } from './ir';
import { elementCount, type ValueId } from './value';

/** Consecutive nodes that are computed again, together, when backward reaches them. */
export interface Segment {
  readonly nodes: readonly GraphNode[];
  /** What the nodes compute, apart from values that later segments read. */
  readonly interior: ReadonlySet<ValueId>;
}

interface Span {
  readonly nodes: readonly GraphNode[];
  /** Position of its last node in the graph. */
  readonly end: number;
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
  const last = lastUses(graph);
  const spans = cutIntoSpans(graph, last);
  let best: readonly Span[] = spans;
  for (let stride = 1; stride <= spans.length; stride++) {
    const joined = join(graph, last, spans, stride);
    if (cost(joined) < cost(best)) best = joined;
  }
  return best.slice(0, -1).map(({ nodes, end }) => ({ nodes, interior: interiorOf(last, nodes, end) }));
}

/** Position of the last node that reads a value; the number of nodes for results. */
type LastUses = ReadonlyMap<ValueId, number>;

function lastUses(graph: Graph): LastUses {
  const last = new Map<ValueId, number>();
  graph.nodes.forEach((node, index) => {
    for (const id of nodeInputs(node)) last.set(id, index);
  });
  for (const id of Object.values(graph.outputs)) last.set(id, graph.nodes.length);
  return last;
}

function cutIntoSpans(graph: Graph, last: LastUses): readonly Span[] {
  const spans: Span[] = [];
  let start = 0;
  graph.nodes.forEach((_, index) => {
    const nodes = graph.nodes.slice(start, index + 1);
    const goesOn = nodes.filter(({ y }) => (last.get(y) ?? -1) > index);
    if (goesOn.length > 1 && index < graph.nodes.length - 1) return;
    spans.push(spanOf(graph, last, nodes, index));
    start = index + 1;
  });
  return spans;
}

function spanOf(graph: Graph, last: LastUses, nodes: readonly GraphNode[], end: number): Span {
  const size = (ids: Iterable<ValueId>): number =>
    [...ids].reduce((total, id) => total + elementCount(graph.values[id]?.shape ?? []), 0);
  const all = size(nodes.map(({ y }) => y));
  return { nodes, end, computed: all, kept: all - size(interiorOf(last, nodes, end)) };
}

function interiorOf(last: LastUses, nodes: readonly GraphNode[], end: number): ReadonlySet<ValueId> {
  return new Set(nodes.map(({ y }) => y).filter((id) => (last.get(id) ?? -1) <= end));
}

function join(graph: Graph, last: LastUses, spans: readonly Span[], stride: number): readonly Span[] {
  const joined: Span[] = [];
  for (let start = 0; start < spans.length; start += stride) {
    const group = spans.slice(start, start + stride);
    const nodes = group.flatMap((span) => span.nodes);
    joined.push(spanOf(graph, last, nodes, group.at(-1)?.end ?? -1));
  }
  return joined;
}

function cost(spans: readonly Span[]): number {
  return spans.reduce((total, { kept }) => total + kept, 0) + Math.max(...spans.map(({ computed }) => computed));
}
