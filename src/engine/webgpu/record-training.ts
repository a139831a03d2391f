import type { BackwardStep, TrainingProgram } from '../graph/differentiate';
import type { Graph } from '../graph/ir';
import type { ValueId } from '../graph/value';
import { batchLossOf, comparedPart, type LossNode } from '../graph/loss';
import { nodeInputs, type GraphNode } from '../ops';
import { loweringOf } from '../ops/webgpu';
import { BackwardLowering, type GradientSinks } from './lower-backward';
import type { KernelChoice } from '../kernel-choice';
import { Lowering, type MixedPrecision } from './lowering';
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
  for (const node of graph.nodes) {
    loweringOf(node).forward(lowering, node, differentiated.has(node) && !segmentOf.has(node));
  }
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
        if (segment.interior.has(node.y) || (save && loweringOf(node).saves(node)))
          loweringOf(node).forward(lowering, node, save);
      }
    }
    loweringOf(step.node).backward(backward, step);
  }
}

/** The parts of a step that computes its loss over several micro-batches at once (Gao et al. 2021, arXiv 2101.06983). */
export interface AccumulatingStep {
  readonly loss: Operand;
  /** Positions in the plan where the features of one micro-batch and the loss end; the gradients through one micro-batch follow. */
  readonly featuresEnd: number;
  readonly lossEnd: number;
  /** For each compared value: where the first part leaves that of one micro-batch. */
  readonly features: readonly Operand[];
}

/** Memory that all micro-batches share; lists go by what the loss compares, `perSample` by its other inputs (`LossNode`). */
export interface AccumulationBindings {
  /** Of all the samples. */
  readonly features: readonly Operand[];
  readonly gradients: readonly Operand[];
  readonly perSample: readonly Operand[];
  /** Gradients of the features of one micro-batch. */
  readonly seeds: readonly Operand[];
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
  const loss = lossOf(program);
  const { graph } = program;
  const towers = comparedPart(graph, loss);

  const first = new Lowering(builder, towers, choice, bindings.scalars, bindings.values, options.mixed);
  for (const node of towers.nodes) loweringOf(node).forward(first, node, false);
  const features = loss.compared.map((id) => first.operand(id));
  for (const operand of features) builder.touch(operand);
  const featuresEnd = builder.length;

  const value = recordLoss(builder, program, loss, choice, bindings, accumulation, samples, options.mixed);
  const lossEnd = builder.length;

  const parameters = new Set(graph.parameters.map(({ value: id }) => id));
  const backward = program.backward
    .filter((step) => step.node !== loss.node)
    .map((step) => addToParameters(step, parameters));
  const differentiated = { ...towers, nodes: neededBy(towers, backward) };
  const second = new Lowering(builder, differentiated, choice, bindings.scalars, bindings.values, options.mixed);
  const seeds = pairUp(loss.compared, accumulation.seeds);
  recordPasses(second, { ...program, graph: differentiated, backward }, bindings.sinks, options, seeds);
  return { loss: value, featuresEnd, lossEnd, features };
}

/**
 * The one loss over a batch that the program minimises.
 * @throws Error where the loss is of another kind: its value over several micro-batches would not be the sum of its parts
 */
export function lossOf(program: TrainingProgram): LossNode {
  const loss = batchLossOf(program);
  if (loss === null) throw new Error('This loss cannot be computed over several micro-batches.');
  return loss;
}

function pairUp(ids: readonly ValueId[], operands: readonly Operand[]): Map<ValueId, Operand> {
  return new Map(
    ids.flatMap((id, place) => {
      const operand = operands[place];
      return operand === undefined ? [] : [[id, operand] as const];
    }),
  );
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
  { node, compared, perSample }: LossNode,
  choice: KernelChoice,
  bindings: TrainingBindings,
  accumulation: AccumulationBindings,
  samples: number,
  mixed: MixedPrecision | null,
): Operand {
  const rows = new Set([...compared, ...perSample]);
  const values = program.graph.values.map((value) =>
    rows.has(value.id) ? { ...value, shape: [samples, ...value.shape.slice(1)] } : value,
  );
  const graph: Graph = { ...program.graph, values, nodes: [node], outputs: { loss: node.y } };
  const bound = new Map([
    ...bindings.values,
    ...pairUp(compared, accumulation.features),
    ...pairUp(perSample, accumulation.perSample),
  ]);
  const lowering = new Lowering(builder, graph, choice, bindings.scalars, bound, mixed);
  loweringOf(node).forward(lowering, node, true);
  const step = program.backward.find((other) => other.node === node);
  if (step !== undefined) {
    const parameters = new Set(graph.parameters.map(({ value }) => value));
    const backward = new BackwardLowering(lowering, { ...program, graph, backward: [step] }, bindings.sinks);
    for (const [id, gradient] of pairUp(compared, accumulation.gradients)) backward.seed(id, gradient);
    loweringOf(node).backward(backward, addToParameters(step, parameters));
  }
  const loss = lowering.operand(node.y);
  builder.touch(loss);
  return loss;
}

function addToParameters(step: BackwardStep, parameters: ReadonlySet<ValueId>): BackwardStep {
  const added = [...step.gradients].filter((id) => parameters.has(id));
  return { ...step, accumulate: new Set([...step.accumulate, ...added]) };
}
