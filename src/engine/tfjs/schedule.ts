import type { BackwardStep } from '../graph/differentiate';
import type { Graph } from '../graph/ir';
import type { Value, ValueId } from '../graph/value';
import { nodeInputs, writtenState, type GraphNode } from '../ops';
import { checkpointSegments, type Segment } from '../graph/segments';
import { ruleOf, type OpRules } from './rule';

/** One thing that a run does. */
export type ScheduledStep =
  | {
      readonly kind: 'forward';
      readonly node: GraphNode;
      readonly keep: boolean;
      readonly released: readonly ValueId[];
    }
  | { readonly kind: 'backward'; readonly step: BackwardStep; readonly released: readonly ValueId[] };

/** What a run does, in order, and which values no later step reads. */
export interface Schedule {
  readonly graph: Graph;
  readonly rules: OpRules;
  /** Inputs that nodes read. */
  readonly inputs: readonly Value[];
  readonly parameters: ReadonlySet<ValueId>;
  /** The states that results of nodes lie in. */
  readonly stateOf: ReadonlyMap<ValueId, ValueId>;
  /** All nodes of the graph. */
  readonly forward: readonly ScheduledStep[];
  /** Backward steps and, with checkpointing, nodes that are computed again for them. */
  readonly backward: readonly ScheduledStep[];
}

/**
 * Plans a run. Outputs and parameters are never released.
 *
 * @param checkpointing let go of activations inside of a segment and compute them again when backward gets there
 */
export function schedule(
  graph: Graph,
  rules: OpRules,
  backward: readonly BackwardStep[] = [],
  checkpointing = false,
): Schedule {
  const differentiated = new Set(backward.map(({ node }) => node));
  const segmentOf = new Map<GraphNode, Segment>();
  for (const segment of checkpointing ? checkpointSegments(graph) : []) {
    // A segment that nothing is learnt in is not visited again.
    if (!segment.nodes.some((node) => differentiated.has(node))) continue;
    for (const node of segment.nodes) segmentOf.set(node, segment);
  }
  const forwardSteps = graph.nodes.map((node): UnplannedStep => {
    return { kind: 'forward', node, keep: differentiated.has(node) && !segmentOf.has(node) };
  });
  const backwardSteps: UnplannedStep[] = [];
  const visited = new Set<Segment>();
  for (const step of backward) {
    const segment = segmentOf.get(step.node);
    if (segment !== undefined && !visited.has(segment)) {
      visited.add(segment);
      for (const node of segment.nodes) {
        const keep = differentiated.has(node);
        if (segment.interior.has(node.y) || (keep && ruleOf(rules, node).saves(node))) {
          backwardSteps.push({ kind: 'forward', node, keep });
        }
      }
    }
    backwardSteps.push({ kind: 'backward', step });
  }
  const planned = planReleases(graph, rules, [...forwardSteps, ...backwardSteps]);
  const read = new Set(graph.nodes.flatMap((node) => nodeInputs(node)));
  return {
    graph,
    rules,
    inputs: graph.values.filter(({ id, kind }) => kind === 'input' && read.has(id)),
    parameters: new Set(graph.parameters.map(({ value }) => value)),
    stateOf: statesOf(graph),
    forward: planned.slice(0, forwardSteps.length),
    backward: planned.slice(forwardSteps.length),
  };
}

function statesOf({ nodes }: Graph): ReadonlyMap<ValueId, ValueId> {
  const states = new Map<ValueId, ValueId>();
  for (const node of nodes) {
    const written = writtenState(node);
    if (written !== null) states.set(node.y, states.get(written) ?? written);
  }
  return states;
}

type UnplannedStep =
  | { readonly kind: 'forward'; readonly node: GraphNode; readonly keep: boolean }
  | { readonly kind: 'backward'; readonly step: BackwardStep };

/** Goes through time backwards, knowing at each step what later ones read before it is computed again. */
function planReleases(graph: Graph, rules: OpRules, steps: readonly UnplannedStep[]): ScheduledStep[] {
  const kept = new Set([...Object.values(graph.outputs), ...graph.parameters.map(({ value }) => value)]);
  const readLater = new Set<ValueId>();
  const planned = [...steps].reverse().map((step): ScheduledStep => {
    const reads =
      step.kind === 'forward'
        ? nodeInputs(step.node)
        : ruleOf(rules, step.step.node).backwardReads(step.step.node, step.step.gradients);
    const touched = new Set(step.kind === 'forward' ? [...reads, step.node.y] : reads);
    const released = [...touched].filter((id) => !kept.has(id) && !readLater.has(id));
    if (step.kind === 'forward') readLater.delete(step.node.y);
    for (const id of reads) readLater.add(id);
    return { ...step, released };
  });
  return planned.reverse();
}
