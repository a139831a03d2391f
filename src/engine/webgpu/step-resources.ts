import { EngineError, type TrainerOptions } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import { halfPrecisionValues } from '../graph/half-precision';
import { elementCount, type Value, type ValueId } from '../graph/value';
import { batchLossOf, comparedPart } from '../graph/loss';
import { checkStates } from '../graph/states';
import { initialProgress } from '../kernels/gradient-norm';
import { scalarsBytes } from '../kernels/scalars';
import type { KernelTarget } from '../kernels/target';
import { loweringOf } from '../ops/webgpu';
import { bufferUsage } from './constants';
import type { ExecutorContext } from './context';
import { Gradients, layOutPools, partialSumsBytes, type GradientPool } from './gradient-pools';
import { usedValues } from './inference';
import { InputBuffers } from './inputs';
import { withBuffers, type BufferGroup } from './memory';
import { PlanBuilder, type Operand, type Plan, type Slice } from './plan';
import { ReadingsRing } from './readings';
import {
  lossOf,
  recordAccumulation,
  recordGradients,
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

/** Bytes of the partial sums that the program's backward pass leaves. */
function partialSumsOf({ graph, backward }: TrainingProgram, target: KernelTarget): number {
  const shapeOf = (id: ValueId): readonly number[] => graph.values[id]?.shape ?? [];
  return backward.reduce((bytes, { node, gradients }) => {
    const sums = loweringOf(node).partialSums?.(node, gradients, shapeOf, target) ?? null;
    return sums === null ? bytes : bytes + partialSumsBytes(sums.slices, sums.stride);
  }, 0);
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
  checkStates(program, options);
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
    const values = usedValues(microBatches === 1 ? graph : comparedPart(graph, lossOf(program)));
    const inputs = await InputBuffers.create(values, device, group);
    const bound = new Map<ValueId, Operand>(inputs.slices());
    const stored = graph.parameters.map((spec) => ({ spec, stored: store.locate(spec) }));
    for (const { spec, stored: place } of stored) bound.set(spec.value, place.slice);
    const logitScale = bound.get(batchLossOf(program)?.logScale ?? -1) ?? null;
    const pools = layOutPools(stored.filter(({ spec }) => program.trainable.has(spec.value)));
    const { gradients, moments, scalars, progress, ring } = await group.scoped('gradients and optimizer state', () => ({
      gradients: new Gradients(device, group, builder, pools, partialSumsOf(program, choice.target)),
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
  const { compared, perSample } = lossOf(program);
  const value = (id: ValueId): Value => {
    const found = program.graph.values[id];
    if (found === undefined) throw new Error(`The graph has no value ${id}.`);
    return found;
  };
  const samples = microBatches * Math.max(...compared.map((id) => value(id).shape[0] ?? 1));
  const keys = await InputBuffers.create(
    perSample.map((id) => ({ ...value(id), shape: [samples, ...value(id).shape.slice(1)] })),
    device,
    group,
  );
  const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
  const towers = await group.scoped('the features of all micro-batches', () =>
    compared.map((id) => {
      const bytes = 4 * elementCount(value(id).shape);
      const make = (label: string, size: number): Slice => whole(group.buffer('activations', label, size, usage));
      return {
        bytes,
        features: make('all features', bytes * microBatches),
        gradients: make('gradients of all features', bytes * microBatches),
        seed: make('gradients of features', bytes),
      };
    }),
  );
  const keySlices = new Map(keys.slices());
  const accumulation: AccumulationBindings = {
    features: towers.map(({ features }) => features),
    gradients: towers.map(({ gradients }) => gradients),
    seeds: towers.map(({ seed }) => seed),
    perSample: perSample.flatMap((id) => keySlices.get(id) ?? []),
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
      towers: recorded.features.flatMap((operand, index) => {
        const tower = towers[index];
        if (tower === undefined) return [];
        const { bytes, features, gradients, seed } = tower;
        return [
          {
            features: { ...place(operand), bytes },
            allFeatures: features,
            allGradients: gradients,
            gradients: { ...seed, bytes },
          },
        ];
      }),
    }),
  };
}
