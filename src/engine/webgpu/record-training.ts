import type { BackwardStep, TrainingProgram } from '../graph/differentiate';
import { nodeInputs, type ContrastiveLossNode, type Graph, type GraphNode, type ValueId } from '../graph/ir';
import { BackwardLowering, type GradientSinks } from './lower-backward';
import { lowerForward } from './lower-forward';
import { Lowering, type KernelChoice, type MixedPrecision } from './lowering';
import type { Operand, PlanBuilder } from './plan';
import { checkpointSegments, type Segment } from '../graph/segments';

/** What a step reads and writes outside the plan's own memory. */
export interface TrainingBindings {
  /** Inputs and parameters. */
  readonly values: ReadonlyMap<ValueId, Operand>;
  /** Uniform buffer of per-step values. */
  readonly scalars: Operand;
  readonly sinks: GradientSinks;
}

export interface RecordOptions {
  /** Compute activations again in backward instead of keeping them. */
  readonly checkpointing: boolean;
  /** Null: everything is f32. */
  readonly mixed: MixedPrecision | null;
}

/** Records forward and backward of a program; returns where its loss lies. */
export function recordGradients(
  builder: PlanBuilder,
  program: TrainingProgram,
  choice: KernelChoice,
  bindings: TrainingBindings,
  options: RecordOptions,
): Operand {
  const lowering = new Lowering(builder, program.graph, choice, bindings.scalars, bindings.values, options.mixed);
  recordPasses(lowering, program, bindings.sinks, options, new Map());
  return lowering.operand(program.loss);
}

/** Forward and backward of all the nodes; `seeds` are gradients that are there from the start. */
function recordPasses(
  lowering: Lowering,
  program: TrainingProgram,
  sinks: GradientSinks,
  { checkpointing }: RecordOptions,
  seeds: ReadonlyMap<ValueId, Operand>,
): void {
  const { graph, backward: steps } = program;
  const differentiated = new Set(steps.map(({ node }) => node));
  const segmentOf = new Map<GraphNode, Segment>();
  for (const segment of checkpointing ? checkpointSegments(graph) : []) {
    // A segment that nothing is learnt in is not visited again.
    if (!segment.nodes.some((node) => differentiated.has(node))) continue;
    for (const node of segment.nodes) segmentOf.set(node, segment);
  }
  for (const node of graph.nodes) lowerForward(lowering, node, differentiated.has(node) && !segmentOf.has(node));
  const backward = new BackwardLowering(lowering, program, sinks);
  for (const [id, gradient] of seeds) backward.seed(id, gradient);
  const recomputed = new Set<Segment>();
  for (const step of steps) {
    const segment = segmentOf.get(step.node);
    if (segment !== undefined && !recomputed.has(segment)) {
      recomputed.add(segment);
      lowering.renew(segment.interior);
      for (const node of segment.nodes) {
        const save = differentiated.has(node);
        if (segment.interior.has(node.y) || (save && savesSomething(node))) lowerForward(lowering, node, save);
      }
    }
    backward.lower(step);
  }
}

/** Whether forward leaves more than the result of such a node to its backward pass. */
function savesSomething(node: GraphNode): boolean {
  return node.op === 'layerNorm' || node.op === 'attention' || (node.op === 'linear' && node.activation !== 'none');
}

/** The parts of a step that computes its loss over several micro-batches at once (Gao et al. 2021, arXiv 2101.06983). */
export interface AccumulatingStep {
  readonly loss: Operand;
  /** Positions in the plan where the features of one micro-batch and the loss end; the gradients through one micro-batch follow. */
  readonly featuresEnd: number;
  readonly lossEnd: number;
  /** Features of one micro-batch, image then text, where `features` leaves them… */
  readonly features: readonly [image: Operand, text: Operand];
}

/** Memory for the features of all micro-batches and their gradients, and for the gradients of one micro-batch's features. */
export interface AccumulationBindings {
  readonly features: readonly [image: Operand, text: Operand];
  readonly gradients: readonly [image: Operand, text: Operand];
  readonly seeds: readonly [image: Operand, text: Operand];
  /** Keys of all the samples. */
  readonly keys: readonly [image: Operand, text: Operand];
}

/**
 * Records a step in three parts: features of a micro-batch, loss over the features of all of them, and forward and backward through a
 * micro-batch from the gradients of its features. Gradients of parameters are added up; they must be zero when the step begins.
 */
export function recordAccumulation(
  builder: PlanBuilder,
  program: TrainingProgram,
  choice: KernelChoice,
  bindings: TrainingBindings,
  accumulation: AccumulationBindings,
  samples: number,
  options: RecordOptions,
): AccumulatingStep {
  const node = lossNode(program);
  const { graph } = program;
  const towers = towersOf(program);

  const first = new Lowering(builder, towers, choice, bindings.scalars, bindings.values, options.mixed);
  for (const other of towers.nodes) lowerForward(first, other, false);
  const features = [first.operand(node.image), first.operand(node.text)] as const;
  for (const operand of features) builder.touch(operand);
  const featuresEnd = builder.length;

  const loss = recordLoss(builder, program, node, choice, bindings, accumulation, samples, options.mixed);
  const lossEnd = builder.length;

  const parameters = new Set(graph.parameters.map(({ value }) => value));
  const backward = program.backward
    .filter((step) => step.node !== node)
    .map((step) => addToParameters(step, parameters));
  const [image, text] = accumulation.seeds;
  const seeds = new Map([
    [node.image, image],
    [node.text, text],
  ]);
  const differentiated = { ...towers, nodes: neededBy(towers, backward) };
  const second = new Lowering(builder, differentiated, choice, bindings.scalars, bindings.values, options.mixed);
  recordPasses(second, { ...program, graph: differentiated, backward }, bindings.sinks, options, seeds);
  return { loss, featuresEnd, lossEnd, features };
}

/**
 * The one contrastive loss that the program minimises.
 * @throws where the loss is of another kind: its value over several micro-batches would not be the sum of its parts
 */
export function lossNode(program: TrainingProgram): ContrastiveLossNode {
  const node = program.graph.nodes.find(({ y }) => y === program.loss);
  if (node?.op !== 'contrastiveLoss')
    throw new Error('Only a contrastive loss can be computed over several micro-batches.');
  return node;
}

/** The program's graph up to the features that its loss compares. */
export function towersOf(program: TrainingProgram): Graph {
  const node = lossNode(program);
  const { graph } = program;
  const nodes = graph.nodes.filter((other) => other !== node);
  return { ...graph, nodes, outputs: { image: node.image, text: node.text } };
}

/** The nodes that backward visits and those that they depend on: a frozen tower is left out. */
function neededBy(graph: Graph, backward: readonly BackwardStep[]): readonly GraphNode[] {
  const visited = new Set(backward.map(({ node }) => node));
  const needed = new Set<ValueId>();
  const nodes: GraphNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!visited.has(node) && !needed.has(node.y)) continue;
    nodes.push(node);
    for (const id of nodeInputs(node)) needed.add(id);
  }
  return nodes.reverse();
}

function recordLoss(
  builder: PlanBuilder,
  program: TrainingProgram,
  node: ContrastiveLossNode,
  choice: KernelChoice,
  bindings: TrainingBindings,
  { features, gradients, keys }: AccumulationBindings,
  samples: number,
  mixed: MixedPrecision | null,
): Operand {
  const { values } = program.graph;
  const enlarged = values.map((value) => {
    if (value.id === node.image || value.id === node.text) return { ...value, shape: [samples, value.shape[1] ?? 0] };
    return value.id === node.imageKeys || value.id === node.textKeys ? { ...value, shape: [samples] } : value;
  });
  const graph: Graph = { ...program.graph, values: enlarged, nodes: [node], outputs: { loss: node.y } };
  const bound = new Map(bindings.values);
  bound.set(node.image, features[0]).set(node.text, features[1]);
  bound.set(node.imageKeys, keys[0]).set(node.textKeys, keys[1]);
  const lowering = new Lowering(builder, graph, choice, bindings.scalars, bound, mixed);
  lowerForward(lowering, node, true);
  const step = program.backward.find((other) => other.node === node);
  if (step !== undefined) {
    const parameters = new Set(graph.parameters.map(({ value }) => value));
    const backward = new BackwardLowering(lowering, { ...program, graph, backward: [step] }, bindings.sinks);
    backward.seed(node.image, gradients[0]);
    backward.seed(node.text, gradients[1]);
    backward.lower(addToParameters(step, parameters));
  }
  const loss = lowering.operand(node.y);
  builder.touch(loss);
  return loss;
}

function addToParameters(step: BackwardStep, parameters: ReadonlySet<ValueId>): BackwardStep {
  const added = [...step.gradients].filter((id) => parameters.has(id));
  return { ...step, accumulate: new Set([...step.accumulate, ...added]) };
}
