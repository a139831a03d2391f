import * as tf from '@tensorflow/tfjs-core';
import type { Executor, TrainerOptions } from '../src/engine/executor';
import { differentiate } from '../src/engine/graph/differentiate';
import { keptBytes } from '../src/engine/graph/footprint';
import { elementCount } from '../src/engine/graph/value';
import { WebGpuExecutor } from '../src/engine/webgpu/executor';
import { WebGpuTrainer } from '../src/engine/webgpu/trainer';
import { trainableValues } from '../src/model/architecture';
import { lossOutput } from '../src/model/pair-graph';
import { brief, median, type Report } from './harness';
import {
  isWordTask,
  type StepFigures,
  type StepOptions,
  type StepResult,
  type StockFigures,
  type VernierFigures,
} from './step-options';
import { pairSubject } from './step-pairs';
import type { StepSubject } from './step-subject';
import { wordSubject } from './step-words';
import { StockTrainer } from './stock/trainer';

/**
 * A training step of Vernier beside the same step written with TensorFlow.js. The first step warms up and is not counted. The first losses must
 * agree within 1e-3, or the benchmark fails: times of different work say nothing.
 */

const learningRate = 1e-4;
const weightDecay = 0.1;
const adam = { beta1: 0.9, beta2: 0.98, epsilon: 1e-6 };

/** A stock step longer than this is timed twice only. */
const longStep = 20_000;

/** What the benchmark runs on. Both are made only when they are needed. */
export interface StepEnvironment {
  readonly executor: () => Promise<Executor>;
  /** Makes the stock backend TensorFlow.js's current one and names it. */
  readonly startStock: () => Promise<string>;
  /** CPU milliseconds used so far by all processes involved; null where that cannot be told. */
  readonly cpuTime: () => Promise<number | null>;
  /** CPU milliseconds used so far by the thread that issues the steps; null where that cannot be told. */
  readonly threadTime: () => Promise<number | null>;
}

/** Times training steps of Vernier and of the stock model on the same batch from the same weights. */
export async function benchmarkStep(
  options: StepOptions,
  environment: StepEnvironment,
  report: Report,
): Promise<StepResult> {
  const subject = subjectOf(options);
  const executor = await environment.executor();
  const adapter = executor.description;
  report(`Vernier on ${adapter}`);
  const vernier = await timeVernier(executor, subject, options, environment, report);
  executor.dispose();
  let stock: StockFigures | null = null;
  if (options.stock) {
    report(`TensorFlow.js on ${await environment.startStock()}`);
    stock = await timeStock(subject, options, environment.cpuTime, report);
    const furthest = Math.max(...stock.losses.map((loss, i) => Math.abs(loss - (vernier.losses[i] ?? loss))));
    if (!(furthest < 1e-3))
      throw new Error(`The losses part: Vernier ${vernier.losses.join(' ')}, stock ${stock.losses.join(' ')}.`);
  }
  const { task, model, batch, train, precision } = options;
  const ratio = (of: (figures: StepFigures) => number | null): number | null => {
    const [theirs, ours] = [stock === null ? null : of(stock), of(vernier)];
    return theirs === null || ours === null ? null : brief(theirs / ours);
  };
  return {
    adapter,
    task,
    model,
    batch,
    train,
    precision,
    vernier,
    stock,
    ratio: ratio(({ ms }) => ms),
    cpuRatio: ratio(({ cpuMs }) => cpuMs),
  };
}

function subjectOf(options: StepOptions): StepSubject {
  const { task } = options;
  return isWordTask(task) ? wordSubject(task, options) : pairSubject(task, options);
}

async function timeVernier(
  executor: Executor,
  subject: StepSubject,
  { steps, precision }: StepOptions,
  { cpuTime, threadTime }: StepEnvironment,
  report: Report,
): Promise<VernierFigures> {
  const { parts, graph, trained } = subject;
  const store = await executor.createStore(subject.parameters, subject.weights);
  const inputs = await subject.inputs(executor, store);
  const loss = graph.outputs[lossOutput];
  if (loss === undefined) throw new Error('The training graph has no loss.');
  const program = differentiate(graph, loss, trainableValues(graph, trained));
  const options: TrainerOptions = {
    optimizer: { type: 'adamw', ...adam },
    weightDecay,
    groups: [{ names: subject.noDecay, weightDecay: 0 }],
    maxGradNorm: null,
    precision,
  };
  const compiling = performance.now();
  const trainer = await executor.compileTraining(program, store, options);
  report(`compiled in ${brief((performance.now() - compiling) / 1000)} s`);
  // llvmpipe turns a kernel into machine code when it first runs, not when its pipeline is made, and finds it in Mesa's cache from then on.
  if (executor instanceof WebGpuExecutor && executor.engine.adapter.software) {
    report('step 1 waits for the driver to compile kernels that are not in its cache, which can take minutes');
  }
  const times: number[] = [];
  const cpuTimes: (number | null)[] = [];
  const issuing: number[] = [];
  const threadTimes: (number | null)[] = [];
  const losses: number[] = [];
  let allocations = 0;
  for (let step = 1; step <= steps + 1; step++) {
    const cpuStart = await cpuTime();
    // Asking takes time of the thread too: as much as lies between these two.
    const asked = await threadTime();
    const threadStart = await threadTime();
    const start = performance.now();
    const issued = trainer.step(inputs, { step, learningRate, seed: step });
    issuing.push(performance.now() - start);
    const used = difference(await threadTime(), threadStart);
    threadTimes.push(difference(used, difference(threadStart, asked)));
    await issued;
    const [reading] = await trainer.readings(true);
    times.push(performance.now() - start);
    cpuTimes.push(difference(await cpuTime(), cpuStart));
    losses.push(reading?.loss ?? NaN);
    if (step === 1 && executor instanceof WebGpuExecutor) allocations = executor.allocations;
    report(`step ${step}: ${brief(times.at(-1) ?? NaN)} ms, loss ${reading?.loss.toFixed(5) ?? '?'}`);
  }
  const ms = median(times.slice(1));
  const count = (tensors: Iterable<{ readonly shape: readonly number[] }>): number =>
    [...tensors].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const updated = graph.parameters.filter(({ value }) => program.trainable.has(value));
  // In 32 bits: a weight, and where it is trained a gradient and two moments.
  const least = 4 * (count(parts) + 3 * count(updated)) + keptBytes(program, precision);
  const statistics = trainer instanceof WebGpuTrainer ? trainer.statistics : null;
  const figures: VernierFigures = {
    ms: brief(ms),
    cpuMs: medianOf(cpuTimes.slice(1)),
    dispatches: statistics?.dispatches ?? null,
    jsMs: brief(median(issuing.slice(1))),
    jsCpuMs: medianOf(threadTimes.slice(1)),
    gpuBytes: executor.memory().peak,
    gpuBytesRatio: brief(executor.memory().peak / least),
    gflops: statistics === null ? null : brief(statistics.flops / ms / 1e6),
    allocated: executor instanceof WebGpuExecutor ? executor.allocations - allocations : null,
    losses: losses.slice(0, 3),
  };
  trainer.dispose();
  store.dispose();
  return figures;
}

async function timeStock(
  { parts, weights, noDecay, stock }: StepSubject,
  { steps }: StepOptions,
  cpuTime: StepEnvironment['cpuTime'],
  report: Report,
): Promise<StockFigures> {
  const { trained, loss } = stock();
  const options = { learningRate, weightDecay, noDecay, ...adam };
  const trainer = new StockTrainer({ parts, weights, trained, loss }, options);
  const losses: number[] = [];
  const times: number[] = [];
  const cpuTimes: (number | null)[] = [];
  const counter = watchKernels();
  let kernels = 0;
  let count = steps + 1;
  for (let step = 1; step <= count; step++) {
    const before = counter.count;
    const cpuStart = await cpuTime();
    const start = performance.now();
    losses.push(await trainer.step());
    times.push(performance.now() - start);
    cpuTimes.push(difference(await cpuTime(), cpuStart));
    kernels = counter.count - before;
    report(`step ${step}: ${brief(times.at(-1) ?? NaN)} ms, loss ${losses.at(-1)?.toFixed(5) ?? '?'}`);
    if (step === 1 && (times[0] ?? 0) > longStep) count = Math.min(count, 3);
  }
  counter.stop();
  trainer.dispose();
  return {
    ms: brief(median(times.slice(1))),
    cpuMs: medianOf(cpuTimes.slice(1)),
    kernels,
    gpuBytes: counter.peakBytes,
    losses: losses.slice(0, 3),
  };
}

/** Bytes that TensorFlow.js holds on the device, recycled buffers included; on WASM, those of its tensors. */
function heldBytes(): number {
  const memory: { numBytes: number; numBytesInGPU?: number; numBytesInGPUAllocated?: number } = tf.memory();
  return memory.numBytesInGPUAllocated ?? memory.numBytesInGPU ?? memory.numBytes;
}

/** Counts the kernels that TensorFlow.js runs, and takes note of the most bytes it holds after any of them. */
function watchKernels(): { readonly count: number; readonly peakBytes: number; stop(): void } {
  const engine = tf.engine();
  const original = engine.runKernel.bind(engine);
  const counter = { count: 0, peakBytes: 0, stop: () => void (engine.runKernel = original) };
  engine.runKernel = <T extends tf.Tensor | tf.Tensor[]>(
    name: string,
    inputs: tf.NamedTensorMap,
    attributes?: tf.NamedAttrMap,
  ): T => {
    const result = original<T>(name, inputs, attributes);
    counter.count++;
    counter.peakBytes = Math.max(counter.peakBytes, heldBytes());
    return result;
  };
  return counter;
}

function difference(end: number | null, start: number | null): number | null {
  return end === null || start === null ? null : end - start;
}

function medianOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : brief(median(known));
}
