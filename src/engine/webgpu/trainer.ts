import {
  EngineError,
  type InputData,
  type StepReading,
  type StepScalars,
  type TensorMap,
  type Trainer,
  type TrainerOptions,
} from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import { elementCount } from '../graph/ir';
import { layerNormSlices } from '../kernels/layer-norm';
import { momentNames } from '../kernels/optimizer';
import { packScalars, scalarsBytes } from '../kernels/scalars';
import { bufferUsage } from './constants';
import type { ExecutorContext } from './context';
import { Gradients, layOutPools, type GradientPool } from './gradient-pools';
import { usedValues } from './inference';
import { InputBuffers } from './inputs';
import { BackwardLowering } from './lower-backward';
import { lowerForward } from './lower-forward';
import { Lowering } from './lowering';
import { aligned } from './memory';
import { PlanBuilder, type Plan, type Slice } from './plan';
import { readSlices } from './readback';
import { ReadingsRing } from './readings';
import type { WebGpuParameterStore } from './store';
import { createMoments, recordUpdate, type Moments } from './update';

/** Steps that may be on their way at once: the CPU prepares one while the GPU works on another. */
const stepsInFlight = 2;

/** Figures of a compiled step, for benchmarks and the memory estimate. */
export interface TrainerStatistics {
  readonly dispatches: number;
  readonly flops: number;
  readonly arena: Plan['arena'];
}

/** A training step as recorded dispatches: forward, backward, clip, update. */
export class WebGpuTrainer implements Trainer {
  private readonly scalarBytes = new Uint8Array(scalarsBytes);
  private readonly scalarView = new DataView(this.scalarBytes.buffer);
  private readonly inFlight: Promise<void>[] = [];

  private constructor(
    private readonly context: ExecutorContext,
    private readonly options: TrainerOptions,
    private readonly plan: Plan,
    /** Dispatches before this one compute the gradients, the others apply them. */
    private readonly updateStart: number,
    private readonly inputs: InputBuffers,
    private readonly pools: readonly GradientPool[],
    private readonly gradientBuffers: Gradients,
    private readonly moments: Moments,
    private readonly scalars: GPUBuffer,
    private readonly ring: ReadingsRing,
    private readonly loss: Slice,
    private readonly others: readonly GPUBuffer[],
  ) {}

  static async create(
    context: ExecutorContext,
    program: TrainingProgram,
    store: WebGpuParameterStore,
    options: TrainerOptions,
  ): Promise<WebGpuTrainer> {
    const { device, memory, cache, choice } = context;
    const { graph } = program;
    if (program.trainable.size === 0) {
      throw new EngineError('validation', 'Nothing is trainable: every layer that the loss depends on is frozen.');
    }
    const builder = new PlanBuilder();
    const inputs = await InputBuffers.create(graph, usedValues(graph), device, memory);
    const bound = new Map(inputs.slices());
    for (const spec of graph.parameters) bound.set(spec.value, store.locate(spec).slice);
    const trained = graph.parameters.filter(({ value }) => program.trainable.has(value));
    const pools = layOutPools(trained.map((spec) => ({ spec, stored: store.locate(spec) })));
    const { gradients, moments, scalars, ring } = await memory.scoped('gradients and optimizer state', () => ({
      gradients: new Gradients(device, memory, builder, pools, partialsBytes(program, choice.target)),
      moments: createMoments(context, pools, options),
      scalars: memory.buffer('other', 'scalars', scalarsBytes, bufferUsage.uniform | bufferUsage.copyDestination),
      ring: new ReadingsRing(device, memory),
    }));
    const scalarSlice: Slice = { kind: 'slice', buffer: scalars, offset: 0, bytes: scalarsBytes };
    const lowering = new Lowering(builder, graph, choice, scalarSlice, bound);
    const differentiated = new Set(program.backward.map(({ node }) => node));
    for (const node of graph.nodes) lowerForward(lowering, node, differentiated.has(node));
    const backward = new BackwardLowering(lowering, program, gradients);
    for (const step of program.backward) backward.lower(step);
    gradients.flush();
    const updateStart = builder.length;
    const loss = lowering.operand(program.loss);
    const others = await memory.scoped('the optimizer', () =>
      recordUpdate(context, builder, pools, options, {
        scalars: scalarSlice,
        loss,
        ring: ring.ring,
        weights: store.chunks,
        gradients: gradients.buffers,
        moments,
      }),
    );
    builder.keep(loss);
    const plan = await builder.compile('training', device, memory, cache);
    const lossSlice = loss.kind === 'slice' ? loss : plan.locate(loss);
    return new WebGpuTrainer(
      context,
      options,
      plan,
      updateStart,
      inputs,
      pools,
      gradients,
      moments,
      scalars,
      ring,
      lossSlice,
      others,
    );
  }

  get statistics(): TrainerStatistics {
    return { dispatches: this.plan.dispatches.length, flops: this.plan.flops, arena: this.plan.arena };
  }

  async step(inputs: InputData, scalars: StepScalars): Promise<void> {
    this.throwFailure();
    this.inputs.upload(inputs);
    this.writeScalars(scalars);
    const { dispatches } = this.plan;
    this.context.submitter.issue(dispatches, 0, dispatches.length, this.clear);
    const room = this.ring.stepIssued();
    this.inFlight.push(this.context.submitter.finished(this.plan.work));
    if (this.inFlight.length >= stepsInFlight) await this.inFlight.shift();
    await room;
    this.throwFailure();
  }

  async readings(drain: boolean): Promise<readonly StepReading[]> {
    const readings = await this.ring.take(drain);
    this.throwFailure();
    return readings;
  }

  async gradients(inputs: InputData, seed: number): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
    const { device, memory, submitter } = this.context;
    this.throwFailure();
    this.inputs.upload(inputs);
    this.writeScalars({ step: 1, learningRate: 0, seed });
    submitter.issue(this.plan.dispatches, 0, this.updateStart, this.clear);
    const [loss] = await readSlices(device, memory, [{ ...this.loss, bytes: 4 }]);
    const pools = await readSlices(device, memory, this.gradientBuffers.buffers.map(whole));
    this.throwFailure();
    return { loss: loss?.[0] ?? NaN, gradients: this.split(pools) };
  }

  async readState(): Promise<Map<string, Float32Array>> {
    const { device, memory } = this.context;
    const names = momentNames(this.options.optimizer);
    const state = new Map<string, Float32Array>();
    for (const [index, moment] of names.entries()) {
      const buffers = this.moments.map((ofPool) => ofPool[index]).filter((buffer) => buffer !== undefined);
      const pools = await readSlices(device, memory, buffers.map(whole));
      for (const [name, values] of this.split(pools)) state.set(`${name}.${moment}`, values);
    }
    this.throwFailure();
    return state;
  }

  writeState(state: TensorMap): Promise<void> {
    const names = momentNames(this.options.optimizer);
    this.eachPart((pool, name, offset, count) => {
      names.forEach((moment, index) => {
        const values = state.get(`${name}.${moment}`);
        const buffer = this.moments[pool]?.[index];
        if (values === undefined || buffer === undefined) return;
        if (values.length !== count) {
          throw new EngineError(
            'validation',
            `The saved state ${name}.${moment} has ${values.length} elements; ${count} belong there.`,
          );
        }
        this.context.device.queue.writeBuffer(
          buffer,
          4 * offset,
          values.buffer as ArrayBuffer,
          values.byteOffset,
          values.byteLength,
        );
      });
    });
    return Promise.resolve();
  }

  dispose(): void {
    const { memory } = this.context;
    this.plan.dispose();
    this.inputs.dispose();
    this.gradientBuffers.dispose();
    this.ring.dispose();
    for (const buffer of [...this.moments.flat(), ...this.others, this.scalars]) memory.release(buffer);
  }

  /** Zeroes the gradients that backward writes only parts of. */
  private readonly clear = (encoder: GPUCommandEncoder): void => {
    for (const { buffer, offset, bytes } of this.gradientBuffers.cleared) encoder.clearBuffer(buffer, offset, bytes);
  };

  private writeScalars({ step, learningRate, seed }: StepScalars): void {
    const { optimizer } = this.options;
    const correction = (beta: number): number => 1 - beta ** step;
    packScalars(this.scalarView, {
      step,
      seed,
      learningRate,
      biasCorrection1: optimizer.type === 'sgd' ? 1 : correction(optimizer.beta1),
      biasCorrection2: optimizer.type === 'sgd' ? 1 : correction(optimizer.beta2),
      ringSlot: this.ring.nextSlot(),
    });
    this.context.device.queue.writeBuffer(this.scalars, 0, this.scalarBytes);
  }

  private eachPart(visit: (pool: number, name: string, offset: number, count: number) => void): void {
    this.pools.forEach(({ parameters }, pool) => {
      for (const { spec, offset: start } of parameters) {
        let offset = start / 4;
        for (const { name, shape } of spec.parts) {
          const count = elementCount(shape);
          visit(pool, name, offset, count);
          offset += count;
        }
      }
    });
  }

  private split(pools: readonly Float32Array[]): Map<string, Float32Array> {
    const parts = new Map<string, Float32Array>();
    this.eachPart((pool, name, offset, count) => {
      parts.set(name, (pools[pool] ?? new Float32Array()).slice(offset, offset + count));
    });
    return parts;
  }

  private throwFailure(): void {
    const failure = this.context.failure();
    if (failure !== null) throw failure;
  }
}

function whole(buffer: GPUBuffer): Slice {
  return { kind: 'slice', buffer, offset: 0, bytes: buffer.size };
}

/** Room that the two-stage gradients of layer norms need. */
function partialsBytes(program: TrainingProgram, target: Parameters<typeof layerNormSlices>[1]): number {
  let bytes = 0;
  for (const { node, gradients } of program.backward) {
    if (node.op !== 'layerNorm' || !(gradients.has(node.weight) || gradients.has(node.bias))) continue;
    const [rows = 1, columns = 1] = program.graph.values[node.x]?.shape ?? [];
    bytes += aligned(4 * 2 * columns * layerNormSlices({ rows, columns }, target));
  }
  return bytes;
}
