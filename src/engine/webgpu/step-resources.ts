import { EngineError, type TrainerOptions } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import { halfPrecisionValues } from '../graph/half-precision';
import { elementCount, type Value, type ValueId } from '../graph/ir';
import { initialProgress } from '../kernels/gradient-norm';
import { layerNormSlices } from '../kernels/layer-norm';
import { scalarsBytes } from '../kernels/scalars';
import type { KernelTarget } from '../kernels/target';
import { bufferUsage } from './constants';
import type { ExecutorContext } from './context';
import { Gradients, layOutPools, partialSumsBytes, type GradientPool } from './gradient-pools';
import { usedValues } from './inference';
import { InputBuffers } from './inputs';
import { withBuffers, type BufferGroup } from './memory';
import { PlanBuilder, type Operand, type Plan, type Slice } from './plan';
import { ReadingsRing } from './readings';
import {
  lossNode,
  recordAccumulation,
  recordGradients,
  towersOf,
  type AccumulatingStep,
  type AccumulationBindings,
  type RecordOptions,
  type TrainingBindings,
} from './record-training';
import type { WebGpuParameterStore } from './store';
import { createMoments, recordUpdate, type Moments } from './update';

/** How the gradients of a step come about. Positions count dispatches of the plan. */
export type GradientSchedule =
  | { readonly kind: 'whole'; readonly gradientsEnd: number }
  | {
      readonly kind: 'accumulating';
      readonly microBatches: number;
      readonly featuresEnd: number;
      readonly lossEnd: number;
      readonly gradientsEnd: number;
      /** Keys of all samples. */
      readonly keys: InputBuffers;
      /** Per tower: features of a micro-batch, of all, gradients of all, and of a micro-batch. */
      readonly towers: readonly {
        readonly features: Slice;
        readonly allFeatures: Slice;
        readonly allGradients: Slice;
        readonly gradients: Slice;
      }[];
    };

/** Everything that a compiled training step consists of. */
export interface StepResources {
  readonly group: BufferGroup;
  readonly plan: Plan;
  readonly schedule: GradientSchedule;
  readonly inputs: InputBuffers;
  readonly pools: readonly GradientPool[];
  readonly gradients: Gradients;
  readonly moments: Moments;
  readonly scalars: GPUBuffer;
  /** What the trainer counts (`initialProgress`). */
  readonly progress: GPUBuffer;
  /** Whether gradients are those of the loss times the loss scale. */
  readonly scaled: boolean;
  readonly ring: ReadingsRing;
  readonly loss: Slice;
}

/** A whole buffer as an operand. */
export function whole(buffer: GPUBuffer): Slice {
  return { kind: 'slice', buffer, offset: 0, bytes: buffer.size };
}

/** Bytes of the partial sums that the program's layer norms leave. */
export function normPartialsBytes(program: TrainingProgram, target: KernelTarget): number {
  let bytes = 0;
  for (const { node, gradients } of program.backward) {
    if (node.op !== 'layerNorm' || !(gradients.has(node.weight) || gradients.has(node.bias))) continue;
    const [rows = 1, columns = 1] = program.graph.values[node.x]?.shape ?? [];
    bytes += partialSumsBytes(layerNormSlices({ rows, columns }, target), 2 * columns);
  }
  return bytes;
}

/**
 * Allocates, records, compiles and binds a training step.
 * @throws EngineError `validation` where nothing is trainable, `limit`, or `out-of-memory`
 */
export function createStep(
  context: ExecutorContext,
  program: TrainingProgram,
  store: WebGpuParameterStore,
  options: TrainerOptions,
): Promise<StepResources> {
  if (program.trainable.size === 0) {
    throw new EngineError('validation', 'Nothing is trainable: every layer that the loss depends on is frozen.');
  }
  const { device, memory, cache, choice } = context;
  const { graph } = program;
  const { microBatches = 1, checkpointing = false, precision = 'float32' } = options;
  if (precision === 'mixed' && !context.engine.features.f16) {
    throw new EngineError(
      'limit',
      'This graphics adapter stores no half-precision numbers (it lacks shader-f16), so mixed precision is not possible on it. Train in float32.',
    );
  }
  return withBuffers(memory, async (group) => {
    const builder = new PlanBuilder();
    const values = usedValues(microBatches === 1 ? graph : towersOf(program));
    const inputs = await InputBuffers.create(values, device, group);
    const bound = new Map<ValueId, Operand>(inputs.slices());
    const stored = graph.parameters.map((spec) => ({ spec, stored: store.locate(spec) }));
    for (const { spec, stored: place } of stored) bound.set(spec.value, place.slice);
    const logitScale = logitScaleOf(program, bound);
    const pools = layOutPools(stored.filter(({ spec }) => program.trainable.has(spec.value)));
    const { gradients, moments, scalars, progress, ring } = await group.scoped('gradients and optimizer state', () => ({
      gradients: new Gradients(device, group, builder, pools, normPartialsBytes(program, choice.target)),
      moments: createMoments(group, pools, options),
      scalars: group.buffer('other', 'scalars', scalarsBytes, bufferUsage.uniform | bufferUsage.copyDestination),
      progress: createProgress(device, group),
      ring: new ReadingsRing(device, group, logitScale !== null),
    }));
    const scaled = precision === 'mixed';
    const recordOptions: RecordOptions = {
      checkpointing,
      mixed: scaled ? { half: halfPrecisionValues(graph), scaling: whole(progress) } : null,
    };
    const scalarSlice: Slice = { ...whole(scalars), bytes: scalarsBytes };
    const bindings: TrainingBindings = { values: bound, scalars: scalarSlice, sinks: gradients };
    const recorded =
      microBatches === 1
        ? { loss: recordGradients(builder, program, choice, bindings, recordOptions), accumulation: null }
        : await accumulate(context, group, builder, program, bindings, microBatches, recordOptions);
    gradients.flush();
    const gradientsEnd = builder.length;
    await group.scoped('the optimizer', () => {
      recordUpdate(context, group, builder, pools, options, {
        scalars: scalarSlice,
        loss: recorded.loss,
        ring: ring.ring,
        weights: store.chunks,
        gradients: gradients.buffers,
        moments,
        progress: whole(progress),
        scaled,
        logitScale,
      });
    });
    builder.touch(recorded.loss);
    const plan = await builder.compile('training', device, group, cache);
    const place = (operand: Operand): Slice => (operand.kind === 'slice' ? operand : plan.locate(operand));
    const schedule: GradientSchedule =
      recorded.accumulation === null
        ? { kind: 'whole', gradientsEnd }
        : recorded.accumulation(place, gradientsEnd, microBatches);
    return {
      group,
      plan,
      schedule,
      inputs,
      pools,
      gradients,
      moments,
      scalars,
      progress,
      scaled,
      ring,
      loss: place(recorded.loss),
    };
  });
}

/** Where the logit scale of a contrastive loss lies; null where the program minimises another loss. */
function logitScaleOf({ graph, loss }: TrainingProgram, bound: ReadonlyMap<ValueId, Operand>): Operand | null {
  const node = graph.nodes.find(({ y }) => y === loss);
  return node?.op === 'contrastiveLoss' ? (bound.get(node.logitScale) ?? null) : null;
}

function createProgress(device: GPUDevice, group: BufferGroup): GPUBuffer {
  const contents = new Float32Array(initialProgress);
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
  const buffer = group.buffer('other', 'progress', contents.byteLength, usage);
  device.queue.writeBuffer(buffer, 0, contents);
  return buffer;
}

interface Accumulation {
  readonly loss: Operand;
  readonly accumulation: (
    place: (operand: Operand) => Slice,
    gradientsEnd: number,
    microBatches: number,
  ) => GradientSchedule & { readonly kind: 'accumulating' };
}

/** Allocates what is shared by all micro-batches, and records the step over it. */
async function accumulate(
  { device, choice }: ExecutorContext,
  group: BufferGroup,
  builder: PlanBuilder,
  program: TrainingProgram,
  bindings: TrainingBindings,
  microBatches: number,
  options: RecordOptions,
): Promise<Accumulation> {
  const node = lossNode(program);
  const value = (id: ValueId): Value => {
    const found = program.graph.values[id];
    if (found === undefined) throw new Error(`The graph has no value ${id}.`);
    return found;
  };
  const [batch = 1] = value(node.image).shape;
  const samples = batch * microBatches;
  const keys = await InputBuffers.create(
    [node.imageKeys, node.textKeys].map((id) => ({ ...value(id), shape: [samples] })),
    device,
    group,
  );
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
  const ofTower = (id: ValueId): Record<'features' | 'gradients' | 'seed', Slice> => {
    const bytes = 4 * elementCount(value(id).shape);
    const make = (label: string, size: number): Slice => whole(group.buffer('activations', label, size, usage));
    return {
      features: make('all features', bytes * microBatches),
      gradients: make('gradients of all features', bytes * microBatches),
      seed: make('gradients of features', bytes),
    };
  };
  const [image, text] = await group.scoped(
    'the features of all micro-batches',
    () => [ofTower(node.image), ofTower(node.text)] as const,
  );
  const keySlices = new Map(keys.slices());
  const keyOf = (id: ValueId): Slice => {
    const slice = keySlices.get(id);
    if (slice === undefined) throw new Error('The loss has no keys.');
    return slice;
  };
  const accumulation: AccumulationBindings = {
    features: [image.features, text.features],
    gradients: [image.gradients, text.gradients],
    seeds: [image.seed, text.seed],
    keys: [keyOf(node.imageKeys), keyOf(node.textKeys)],
  };
  const recorded: AccumulatingStep = recordAccumulation(
    builder,
    program,
    choice,
    bindings,
    accumulation,
    samples,
    options,
  );
  return {
    loss: recorded.loss,
    accumulation: (place, gradientsEnd, parts) => ({
      kind: 'accumulating',
      microBatches: parts,
      featuresEnd: recorded.featuresEnd,
      lossEnd: recorded.lossEnd,
      gradientsEnd,
      keys,
      towers: [
        tower(place(recorded.features[0]), image, value(node.image)),
        tower(place(recorded.features[1]), text, value(node.text)),
      ],
    }),
  };
}

function tower(features: Slice, all: Record<'features' | 'gradients' | 'seed', Slice>, { shape }: Value) {
  const bytes = 4 * elementCount(shape);
  return {
    features: { ...features, bytes },
    allFeatures: all.features,
    allGradients: all.gradients,
    gradients: { ...all.seed, bytes },
  };
}
