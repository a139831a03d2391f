import type { ExecutorKind, OptimizerOptions, Precision } from '../engine/executor';
import { differentiate } from '../engine/graph/differentiate';
import { inferenceFootprint, trainingFootprint, type Footprint } from '../engine/graph/footprint';
import type { Graph } from '../engine/graph/ir';
import { elementCount, type ParameterSpec } from '../engine/graph/value';
import type { PixelNormalization } from '../engine/ops/patchify/node';
import { firstTrainableStage, modelTensors, tensorNames, towerGraph, trainableValues } from './architecture';
import type { Architecture, Reading, Stage, Tower } from './families/family';
import { lossOutput } from './pair-graph';

/** What of a run decides its memory. */
export interface MemoryPlan {
  /** Rows of a micro-batch. */
  readonly batch: number;
  readonly microBatches?: number;
  readonly checkpointing?: boolean;
  readonly precision?: Precision;
  /** What computes. Vernier's own kernels keep training and evaluation planned side by side; TensorFlow.js lets go of each in turn. */
  readonly kind: ExecutorKind;
  /** Caption length; default: the longest that the model takes. */
  readonly tokens?: number;
  /** Ids of the layer groups that are trained. */
  readonly trainableGroups: ReadonlySet<string>;
  /** Names of tensors that are trained beside the model's own, such as those of a head. */
  readonly ownTrained?: readonly string[];
  readonly optimizer: Pick<OptimizerOptions, 'type'> & { readonly momentum?: number };
  /** The towers that are run, and what is read of them. */
  readonly towers: readonly TowerPlan[];
  /** Side of the squares that training draws random views of; absent: pictures are taken as they are. */
  readonly squareSide?: number | undefined;
  /**
   * Samples whose frozen outputs are kept, and the bytes for them: captions, then sets of pictures. A set that takes more than what is left is kept
   * on disk.
   */
  readonly cache?: { readonly texts: number; readonly images: readonly number[]; readonly budget: number };
  /** Decoded pictures that are kept, as the model takes them and as squares to draw random views of, with the bytes for each kind. */
  readonly pictures?: { readonly plain: KeptPictures; readonly squares: KeptPictures };
  /** Rows of a pass that computes features; 0: the run is not evaluated. */
  readonly evaluationRows?: number;
}

export interface TowerPlan {
  readonly tower: Tower;
  readonly reading?: Reading | undefined;
  /** Feed the frozen part of the tower from a cache (true), or compute it in each step. */
  readonly cached: boolean;
}

/** What of a run decides its training graph: the first computed stage of each tower, and the plan's batch, caption length and squares. */
export interface GraphPlan extends Pick<MemoryPlan, 'batch' | 'squareSide'> {
  readonly tokens: number;
  readonly normalization: PixelNormalization;
  readonly from: Readonly<Record<Tower, Stage>>;
}

export interface KeptPictures {
  readonly count: number;
  readonly budget: number;
}

/** The graphs that a run is made of, besides those of its towers. */
export interface RunGraphs {
  /** Of a step, with the loss as `lossOutput`. */
  readonly training: (plan: GraphPlan) => Graph;
  /** Those that evaluation keeps ready from the first step to the last, with the states that they leave values in. */
  readonly evaluation?: () => readonly Graph[];
}

/** Bytes on the device at the fullest moment of a training step, by purpose, and in the tab besides. */
export interface MemoryEstimate {
  /** All of the model's parameters: evaluation and the frozen prefix need those that training does not. */
  readonly weights: number;
  readonly gradients: number;
  readonly moments: number;
  /** Of training, and of evaluation where both are held; with the states that evaluation keeps. */
  readonly activations: number;
  /** Batch data. */
  readonly inputs: number;
  readonly total: number;
  /** Outputs of frozen layers and decoded pictures, in the tab's memory and not on the device: no part of the total. */
  readonly cache: number;
  readonly pictures: number;
  /** All of the tab's own memory: what it keeps and, where the processor computes, the total. */
  readonly tab: number;
  /** The largest single tensor. */
  readonly largest: number;
}

/** Any values do: they change no shape. */
const usualNormalization: PixelNormalization = { mean: [0, 0, 0], std: [1, 1, 1] };

/** Executors whose device is the tab's own memory. */
const onProcessor: ReadonlySet<ExecutorKind> = new Set(['tfjs-wasm', 'tfjs-cpu']);

/**
 * Estimates the memory of training, from the graphs that would be run.
 */
export function estimateTrainingMemory(
  architecture: Architecture,
  plan: MemoryPlan,
  graphs: RunGraphs,
): MemoryEstimate {
  const { batch, tokens = architecture.text.maxTokens, trainableGroups, microBatches = 1, squareSide } = plan;
  const from = { vision: 'embeddings', text: 'embeddings' };
  for (const { tower, cached, reading } of plan.towers) {
    if (cached) from[tower] = firstTrainableStage(architecture, tower, trainableGroups, reading);
  }
  const graph = graphs.training({ batch, tokens, from, normalization: usualNormalization, squareSide });
  const { ownTrained = [] } = plan;
  const trainable = trainableValues(graph, new Set([...tensorNames(architecture, trainableGroups), ...ownTrained]));
  const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainable);
  const elements = (shapes: readonly { readonly shape: readonly number[] }[]): number =>
    shapes.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const weights = 4 * elements(modelTensors(architecture));
  const trained = 4 * elements(graph.parameters.filter(({ value }) => program.trainable.has(value)));
  // TensorFlow.js adds the gradients of a micro-batch to those of the ones before, and holds both meanwhile.
  const gradients = microBatches > 1 && plan.kind !== 'webgpu' ? 2 * trained : trained;
  const moments = trained * momentCount(plan.optimizer);
  const training = trainingFootprint(program, plan);
  const kept = (plan.evaluationRows ?? 0) === 0 ? [] : (graphs.evaluation?.() ?? []);
  const evaluation = [
    ...plan.towers.flatMap((tower) => evaluationFootprints(architecture, plan, tower, tokens)),
    ...kept.map(inferenceFootprint),
  ];
  const { activations: computed, inputs } = together(plan.kind, training, evaluation);
  const states = new Map(kept.flatMap(statesOf).map((spec) => [spec.parts[0]?.name, spec] as const));
  const activations = computed + 4 * elements([...states.values()]);
  const largestParameter = 4 * Math.max(...modelTensors(architecture).map(({ shape }) => elementCount(shape)));
  const total = weights + gradients + moments + activations + inputs;
  const cache = cacheBytes(architecture, plan, tokens);
  const pictures = pictureBytes(architecture, plan);
  return {
    weights,
    gradients,
    moments,
    activations,
    inputs,
    total,
    cache,
    pictures,
    tab: cache + pictures + (onProcessor.has(plan.kind) ? total : 0),
    largest: Math.max(largestParameter, training.largest, ...evaluation.map(({ largest }) => largest)),
  };
}

/** What a graph leaves values in for later runs. */
function statesOf({ parameters }: Graph): readonly ParameterSpec[] {
  return parameters.filter(({ state }) => state === true);
}

function momentCount({ type, momentum = 0 }: MemoryPlan['optimizer']): number {
  if (type === 'sgd') return momentum === 0 ? 0 : 1;
  return 2;
}

/** The passes that compute a tower's features: in one go, or its frozen part and the rest apart where the former's output is kept. */
function evaluationFootprints(
  architecture: Architecture,
  { trainableGroups, evaluationRows: rows = 0 }: MemoryPlan,
  { tower, reading }: TowerPlan,
  tokens: number,
): readonly Footprint[] {
  if (rows === 0) return [];
  const lowest = firstTrainableStage(architecture, tower, trainableGroups, reading);
  const shared = { batch: rows, tokens, normalization: usualNormalization, reading };
  const pass = (from: Stage, to: Stage): readonly Footprint[] =>
    from === to ? [] : [inferenceFootprint(towerGraph(architecture, tower, { ...shared, from, to }))];
  return lowest === 'embeddings'
    ? pass('embeddings', 'features')
    : [...pass('embeddings', lowest), ...pass(lowest, 'features')];
}

function together(
  kind: ExecutorKind,
  training: Footprint,
  evaluation: readonly Footprint[],
): Pick<Footprint, 'activations' | 'inputs'> {
  const sum = (of: (footprint: Footprint) => number): number =>
    evaluation.reduce((total, footprint) => total + of(footprint), of(training));
  if (kind === 'webgpu')
    return { activations: sum(({ activations }) => activations), inputs: sum(({ inputs }) => inputs) };
  const all = [training, ...evaluation];
  const { activations, inputs } = all.reduce((most, next) =>
    next.activations + next.inputs > most.activations + most.inputs ? next : most,
  );
  return { activations, inputs };
}

/** Bytes of memory that kept outputs grow to. Captions come first; what does not fit goes to disk as a whole. */
function cacheBytes(
  architecture: Architecture,
  { cache, trainableGroups, towers }: MemoryPlan,
  tokens: number,
): number {
  if (cache === undefined) return 0;
  const bytes = (tower: Tower, samples: number): number => {
    const plan = towers.find((each) => each.tower === tower);
    if (plan === undefined) return 0;
    const { reading } = plan;
    const lowest = firstTrainableStage(architecture, tower, trainableGroups, reading);
    if (lowest === 'embeddings') return 0;
    const shape = architecture.stageShape(tower, lowest, { batch: 1, tokens, reading });
    return 4 * samples * elementCount(shape);
  };
  return [bytes('text', cache.texts), ...cache.images.map((images) => bytes('vision', images))].reduce(
    (held, next) => (held + next <= cache.budget ? held + next : held),
    0,
  );
}

/** Bytes of memory that kept pictures grow to: three to a pixel. */
function pictureBytes({ image }: Architecture, { pictures, squareSide = 0 }: MemoryPlan): number {
  if (pictures === undefined) return 0;
  const bytes = ({ count, budget }: KeptPictures, side: number): number => Math.min(budget, 3 * count * side ** 2);
  return bytes(pictures.plain, image.pixels) + bytes(pictures.squares, squareSide);
}
