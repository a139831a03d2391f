import type { Precision } from '../src/engine/executor';
import type { ModelName } from './models';

/** What `npm run bench -- step` is told and what it answers. Both cross the border between Node and the browser, so they are plain data. */

export type TrainMode = 'full' | 'last2' | 'projections';
/** What is taught: pictures and captions are matched, or a head reads both towers and tells classes or a number. */
const pairTasks = ['contrastive', 'classification', 'regression'] as const;
/** A BLIP writes captions, or answers. */
const wordTasks = ['captioning', 'answering'] as const;
export const stepTasks = [...pairTasks, ...wordTasks] as const;
export type PairTask = (typeof pairTasks)[number];
export type WordTask = (typeof wordTasks)[number];
export type StepTask = PairTask | WordTask;

export function isWordTask(task: StepTask): task is WordTask {
  return wordTasks.some((name) => name === task);
}

export type StepBackend = 'webgpu' | 'wasm';

/** What `npm run bench -- step` measures. */
export interface StepOptions {
  readonly task: StepTask;
  readonly model: ModelName;
  readonly batch: number;
  /** What is trained: everything; the last two blocks, final norm and projection of each tower; the projections. The logit scale always. */
  readonly train: TrainMode;
  readonly backend: StepBackend;
  /** How Vernier keeps activations; `mixed` needs WebGPU with `shader-f16`. */
  readonly precision: Precision;
  /** Whether the stock model runs beside. */
  readonly stock: boolean;
  /** Timed steps, after one that warms up. */
  readonly steps: number;
}

/** One side of the comparison. */
export interface StepFigures {
  /** Median wall time of a step, loss read back. */
  readonly ms: number;
  /** Median CPU time of a step over all cores, of all processes involved; null where it cannot be told. Steadier than `ms` on a busy machine. */
  readonly cpuMs: number | null;
  /** Loss before each of the first steps. */
  readonly losses: readonly number[];
}

export interface VernierFigures extends StepFigures {
  /** Compute dispatches of a step; null on backends without. */
  readonly dispatches: number | null;
  /** Median wall time of the calling thread to issue a step, until it would wait. */
  readonly jsMs: number;
  /**
   * Median CPU time of the calling thread for the same; null where it cannot be told. Wall time also holds how long a software adapter that takes
   * every core keeps the thread waiting for one.
   */
  readonly jsCpuMs: number | null;
  /** Peak bytes held on the device. */
  readonly gpuBytes: number;
  /** `gpuBytes` ÷ (weights + gradients + moments + the activations that backward needs). */
  readonly gpuBytesRatio: number;
  /** Floating-point operations of a step ÷ its time, in GFLOP/s; null where they are not counted. */
  readonly gflops: number | null;
  /** Device bytes allocated during the timed steps. */
  readonly allocated: number | null;
}

export interface StockFigures extends StepFigures {
  readonly kernels: number;
  readonly gpuBytes: number;
}

/** The line that the benchmark prints last. */
export interface StepResult {
  readonly adapter: string;
  readonly task: StepTask;
  readonly model: ModelName;
  readonly batch: number;
  readonly train: TrainMode;
  readonly precision: Precision;
  readonly vernier: VernierFigures;
  readonly stock: StockFigures | null;
  /** stock ÷ Vernier; null without stock. */
  readonly ratio: number | null;
  /** The same of CPU times. */
  readonly cpuRatio: number | null;
}
