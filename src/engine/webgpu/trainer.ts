import type { InputData, StepReading, StepScalars, TensorMap, Trainer, TrainerOptions } from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import { initialProgress } from '../kernels/gradient-norm';
import { packScalars, scalarsBytes } from '../kernels/scalars';
import { momentEntry, momentNames, progressEntries, readProgress } from '../trainer-state';
import type { ExecutorContext } from './context';
import type { Plan, PlannedDispatch } from './plan';
import { readSlices } from './readback';
import { createStep, whole, type GradientSchedule, type StepResources } from './step-resources';
import type { WebGpuParameterStore } from './store';
import { eachPart, splitParts } from './trained-parts';

/** Steps that may be on their way at once: the CPU prepares one while the GPU works on another. */
const stepsInFlight = 2;

/** Sets the dropout masks of neighbouring micro-batches apart. */
const seedStride = 0x9e3779b1;

/** Figures of a compiled step, for benchmarks. Micro-batches are all counted. */
export interface TrainerStatistics {
  readonly dispatches: number;
  readonly flops: number;
  readonly arena: Plan['arena'];
}

/** A training step as recorded dispatches: forward, backward, clip, update. */
export class WebGpuTrainer implements Trainer {
  readonly statistics: TrainerStatistics;
  private readonly scalarBytes = new Uint8Array(scalarsBytes);
  private readonly scalarView = new DataView(this.scalarBytes.buffer);
  private readonly inFlight: Promise<void>[] = [];
  private readonly work: number;

  private constructor(
    private readonly context: ExecutorContext,
    private readonly options: TrainerOptions,
    private readonly resources: StepResources,
  ) {
    const { plan, schedule } = resources;
    const totals = (from: number, to: number, times: number): { work: number; flops: number; count: number } => {
      const part: readonly PlannedDispatch[] = plan.dispatches.slice(from, to);
      const sum = (of: (dispatch: PlannedDispatch) => number): number =>
        times * part.reduce((total, dispatch) => total + of(dispatch), 0);
      return { work: sum(({ work }) => work), flops: sum(({ flops }) => flops), count: times * part.length };
    };
    const end = plan.dispatches.length;
    const parts =
      schedule.kind === 'whole'
        ? [totals(0, end, 1)]
        : [
            totals(0, schedule.featuresEnd, schedule.microBatches),
            totals(schedule.featuresEnd, schedule.lossEnd, 1),
            totals(schedule.lossEnd, schedule.gradientsEnd, schedule.microBatches),
            totals(schedule.gradientsEnd, end, 1),
          ];
    this.work = parts.reduce((total, { work }) => total + work, 0);
    this.statistics = {
      dispatches: parts.reduce((total, { count }) => total + count, 0),
      flops: parts.reduce((total, { flops }) => total + flops, 0),
      arena: plan.arena,
    };
  }

  /** @throws EngineError as `createStep` does */
  static async create(
    context: ExecutorContext,
    program: TrainingProgram,
    store: WebGpuParameterStore,
    options: TrainerOptions,
  ): Promise<WebGpuTrainer> {
    return new WebGpuTrainer(context, options, await createStep(context, program, store, options));
  }

  async step(inputs: InputData, scalars: StepScalars): Promise<void> {
    const { submitter } = this.context;
    const { plan, schedule, ring } = this.resources;
    this.throwFailure();
    if (schedule.kind === 'accumulating') {
      this.issueMicroBatches(schedule, inputs, scalars);
      submitter.issue(plan.dispatches, schedule.gradientsEnd, plan.dispatches.length);
    } else this.issueWhole(inputs, scalars, plan.dispatches.length);
    const room = ring.stepIssued();
    const finished = submitter.finished(this.work);
    // Where the device is lost, that is told elsewhere.
    finished.catch(() => undefined);
    this.inFlight.push(finished);
    if (this.inFlight.length >= stepsInFlight) await this.inFlight.shift();
    await room;
    this.throwFailure();
  }

  async readings(drain: boolean): Promise<readonly StepReading[]> {
    const readings = await this.resources.ring.take(drain);
    this.throwFailure();
    return readings;
  }

  async gradients(inputs: InputData, seed: number): Promise<{ loss: number; gradients: Map<string, Float32Array> }> {
    const { device, memory } = this.context;
    const { gradients, loss, pools, progress, scaled } = this.resources;
    this.throwFailure();
    this.issueGradients(inputs, { step: 1, learningRate: 0, seed });
    const [values] = await readSlices(device, memory, [{ ...loss, bytes: 4 }]);
    const contents = await readSlices(device, memory, gradients.buffers.map(whole));
    const [counts] = await readSlices(device, memory, [whole(progress)]);
    if (scaled) for (const values of contents) unscale(values, counts?.[0] ?? NaN);
    this.throwFailure();
    return { loss: values?.[0] ?? NaN, gradients: splitParts(pools, contents) };
  }

  async snapshot(): Promise<Map<string, Float32Array>> {
    const { device, memory } = this.context;
    const { moments, pools, progress, scaled } = this.resources;
    const [[scale = NaN, goodSteps = NaN, steps = NaN] = []] = await readSlices(device, memory, [whole(progress)]);
    const state = progressEntries({ steps, lossScaling: scaled ? { scale, goodSteps } : null });
    for (const [index, moment] of momentNames(this.options.optimizer).entries()) {
      const buffers = moments.map((ofPool) => ofPool[index]).filter((buffer) => buffer !== undefined);
      const contents = await readSlices(device, memory, buffers.map(whole));
      for (const [name, values] of splitParts(pools, contents)) state.set(momentEntry(name, moment), values);
    }
    this.throwFailure();
    return state;
  }

  restore(state: TensorMap): Promise<void> {
    return new Promise((resolve) => {
      this.overwriteState(state);
      resolve();
    });
  }

  private overwriteState(state: TensorMap): void {
    const { moments, pools, progress, scaled } = this.resources;
    const { queue } = this.context.device;
    const names = momentNames(this.options.optimizer);
    const lengths = new Map<string, number>();
    const places: { readonly entry: string; readonly buffer: GPUBuffer | undefined; readonly offset: number }[] = [];
    eachPart(pools, (pool, name, offset, count) => {
      names.forEach((moment, index) => {
        const entry = momentEntry(name, moment);
        lengths.set(entry, count);
        places.push({ entry, buffer: moments[pool]?.[index], offset });
      });
    });
    const { steps, lossScaling } = readProgress(state, lengths, scaled);
    for (const { entry, buffer, offset } of places) {
      const values = state.get(entry);
      if (values === undefined || buffer === undefined) throw new Error(`${entry} has no place in the state.`);
      queue.writeBuffer(buffer, 4 * offset, values.buffer, values.byteOffset, values.byteLength);
    }
    const [scale = 1, goodSteps = 0] =
      lossScaling === null ? initialProgress : [lossScaling.scale, lossScaling.goodSteps];
    queue.writeBuffer(progress, 0, Float32Array.of(scale, goodSteps, steps, 0));
  }

  dispose(): void {
    this.resources.group.dispose();
  }

  /** Issues forward and backward. */
  private issueGradients(inputs: InputData, scalars: StepScalars): void {
    const { schedule } = this.resources;
    if (schedule.kind === 'accumulating') this.issueMicroBatches(schedule, inputs, scalars);
    else this.issueWhole(inputs, scalars, schedule.gradientsEnd);
  }

  /** Issues the dispatches of a step that takes its batch as a whole, up to `end`. */
  private issueWhole(inputs: InputData, scalars: StepScalars, end: number): void {
    this.resources.inputs.upload(inputs);
    this.writeScalars(scalars, scalars.seed);
    this.context.submitter.issue(this.resources.plan.dispatches, 0, end, this.clearPartly);
  }

  private issueMicroBatches(
    schedule: GradientSchedule & { readonly kind: 'accumulating' },
    inputs: InputData,
    scalars: StepScalars,
  ): void {
    const { device, submitter } = this.context;
    const { plan } = this.resources;
    const { microBatches, featuresEnd, lossEnd, gradientsEnd, keys, towers } = schedule;
    keys.upload(inputs);
    for (let part = 0; part < microBatches; part++) {
      this.resources.inputs.upload(inputs, part, microBatches);
      this.writeScalars(scalars, scalars.seed + part * seedStride);
      submitter.issue(plan.dispatches, 0, featuresEnd);
      const encoder = device.createCommandEncoder();
      for (const { features, allFeatures } of towers) {
        const { buffer, offset, bytes } = features;
        encoder.copyBufferToBuffer(buffer, offset, allFeatures.buffer, part * bytes, bytes);
      }
      device.queue.submit([encoder.finish()]);
    }
    submitter.issue(plan.dispatches, featuresEnd, lossEnd, this.clearAll);
    for (let part = 0; part < microBatches; part++) {
      this.resources.inputs.upload(inputs, part, microBatches);
      this.writeScalars(scalars, scalars.seed + part * seedStride);
      submitter.issue(plan.dispatches, lossEnd, gradientsEnd, (encoder) => {
        for (const { gradients, allGradients } of towers) {
          const { buffer, offset, bytes } = gradients;
          encoder.copyBufferToBuffer(allGradients.buffer, part * bytes, buffer, offset, bytes);
        }
      });
    }
  }

  /** Zeroes the gradients that backward writes only parts of. */
  private readonly clearPartly = (encoder: GPUCommandEncoder): void => {
    for (const { buffer, offset, bytes } of this.resources.gradients.cleared)
      encoder.clearBuffer(buffer, offset, bytes);
  };

  private readonly clearAll = (encoder: GPUCommandEncoder): void => {
    for (const buffer of this.resources.gradients.buffers) encoder.clearBuffer(buffer);
  };

  private writeScalars({ step, learningRate }: StepScalars, seed: number): void {
    packScalars(this.scalarView, {
      step,
      seed,
      learningRate,
      ringSlot: this.resources.ring.nextSlot(),
    });
    this.context.device.queue.writeBuffer(this.resources.scalars, 0, this.scalarBytes);
  }

  private throwFailure(): void {
    const failure = this.context.failure();
    if (failure !== null) throw failure;
  }
}

/** Takes the loss scale back out of gradients, in place. */
function unscale(values: Float32Array, scale: number): void {
  if (scale !== 1) values.forEach((value, index) => (values[index] = value / scale));
}
