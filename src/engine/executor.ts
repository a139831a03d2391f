import type { TrainingProgram } from './graph/differentiate';
import type { Graph } from './graph/ir';
import type { ParameterSpec } from './graph/value';

/**
 * What runs graphs. Two families implement it: `engine/webgpu` (own WGSL kernels, planned step) and `engine/tfjs` (TensorFlow.js ops on
 * WebGPU, WASM or plain CPU).
 */
export type ExecutorKind = 'webgpu' | 'tfjs-webgpu' | 'tfjs-wasm' | 'tfjs-cpu';

/** Input data by input name; lengths match the graph's shapes exactly. */
export type InputData = Readonly<Record<string, Float32Array | Int32Array | Uint8Array>>;

/** Checkpoint tensors by name, as float32. */
export type TensorMap = ReadonlyMap<string, Float32Array>;

/** The same to look into only: each tensor is asked for once, so that none has to be held for long. */
export type TensorLookup = Pick<TensorMap, 'get' | 'has'>;

/** Parameters on the device, shared by every graph compiled against them. */
export interface ParameterStore {
  readonly specs: readonly ParameterSpec[];
  /**
   * Current values by checkpoint name; all of them, or those named and nothing else. Besides the result it takes a bounded staging buffer: who writes
   * large models away reads a few tensors at a time.
   */
  read(names?: readonly string[]): Promise<Map<string, Float32Array>>;
  /** Overwrites the named tensors. */
  write(tensors: TensorMap): Promise<void>;
  dispose(): void;
}

/** A compiled forward pass. */
export interface Inference {
  /** Runs the graph and reads its outputs back, by output name. */
  run(inputs: InputData): Promise<Record<string, Float32Array>>;
  dispose(): void;
}

export type OptimizerOptions =
  | { readonly type: 'adamw' | 'adam'; readonly beta1: number; readonly beta2: number; readonly epsilon: number }
  | { readonly type: 'sgd'; readonly momentum: number; readonly nesterov: boolean };

/** Parameters that are updated in a way of their own, as a parameter group of `torch.optim` is. */
export interface ParameterGroup {
  /** Checkpoint names. A tensor is in one group at most; tensors that form one parameter are in the same. */
  readonly names: ReadonlySet<string>;
  /** The step's learning rate is multiplied by it. Default: 1. */
  readonly rateFactor?: number;
  /** Default: that of the options. */
  readonly weightDecay?: number;
  /** Range that the values are kept in after each update. Default: any value. */
  readonly clamp?: readonly [min: number, max: number];
}

export interface TrainerOptions {
  readonly optimizer: OptimizerOptions;
  /** Of parameters whose group says nothing else. AdamW: decoupled; Adam and SGD: added to the gradient, as in PyTorch. */
  readonly weightDecay: number;
  /** Parameters that are updated in ways of their own; all others as these options say. */
  readonly groups: readonly ParameterGroup[];
  /** Gradients are scaled down when their global L2 norm exceeds this, as `torch.nn.utils.clip_grad_norm_` does. Null: never. */
  readonly maxGradNorm: number | null;
  /** Compute activations again in backward instead of keeping them: far less memory for about a third more work. Default: false. */
  readonly checkpointing?: boolean;
  /**
   * Micro-batches of the graph's batch size whose samples share one loss, as if they were one batch. The inputs of a step then
   * hold them one after the other, so they are this many times as long. Default: 1.
   */
  readonly microBatches?: number;
  /**
   * How activations are kept. `mixed` keeps most of them and their gradients in f16 (see `halfPrecisionValues`), with dynamic loss scaling, and
   * computes in f32 all the same; weights, their gradients and the optimizer's moments stay f32. Only the WebGPU executor can, on an adapter with `shader-f16`; the others
   * refuse with an `EngineError`. Default: float32.
   */
  readonly precision?: Precision;
}

/** Gradient descent and nothing else, for where only the gradients or the time of a step matter. */
export const plainSgd: TrainerOptions = {
  optimizer: { type: 'sgd', momentum: 0, nesterov: false },
  weightDecay: 0,
  groups: [],
  maxGradNorm: null,
};

export type Precision = 'float32' | 'mixed';

export interface StepScalars {
  /** 1 for the first step. Readings are told apart by it; the optimizer counts its own steps, without those that are left out. */
  readonly step: number;
  /** Of this step; each parameter group multiplies it by its own factor. */
  readonly learningRate: number;
  /** Seed of this step's dropout masks. */
  readonly seed: number;
}

export interface StepReading {
  readonly step: number;
  readonly loss: number;
  /** Global L2 norm before clipping. */
  readonly gradNorm: number;
  /** Mixed precision: the loss scale was too large for this step. It was left out and the scale halved, which is no failure. */
  readonly overflowed?: boolean;
  /** Exponential of the logit scale that this step's loss was computed with; absent where the loss has none. */
  readonly logitScale?: number;
}

/** A compiled training step: forward, backward, clip, update. */
export interface Trainer {
  /** Issues one step. Resolves as soon as the next may be issued (a few steps may be in flight). Rejects with an `EngineError`. */
  step(inputs: InputData, scalars: StepScalars): Promise<void>;
  /** Readings of the steps that finished since the last call, oldest first; with `drain` waits for all that were issued. */
  readings(drain: boolean): Promise<readonly StepReading[]>;
  /** Forward and backward without update; gradients by checkpoint name. For tests and the self-test. */
  gradients(inputs: InputData, seed: number): Promise<{ loss: number; gradients: Map<string, Float32Array> }>;
  /**
   * Everything besides the weights that later steps depend on, so that a trainer that is given both goes on bit by bit: the optimizer's moments by
   * checkpoint name and moment (`logit_scale.exp_avg`), and what it counts (`stateEntries`).
   */
  snapshot(): Promise<Map<string, Float32Array>>;
  /** Rejects with an `EngineError` that names every entry that is missing, not known or of another length; nothing is written then. */
  restore(state: TensorMap): Promise<void>;
  dispose(): void;
}

/** Bytes held on the device, by purpose. */
export interface MemoryLedger {
  readonly weights: number;
  readonly gradients: number;
  readonly moments: number;
  readonly activations: number;
  readonly other: number;
  readonly peak: number;
}

export interface Executor {
  readonly kind: ExecutorKind;
  /** Whether it can train in mixed precision. */
  readonly mixedPrecision: boolean;
  /** For people: adapter or backend name. */
  readonly description: string;
  /**
   * States (`ParameterSpec.state`) that `tensors` does not hold are zero.
   *
   * @param beside a store whose parameters graphs find here too: they are shared, not copied, and outlive this store, which goes first
   */
  createStore(specs: readonly ParameterSpec[], tensors: TensorLookup, beside?: ParameterStore): Promise<ParameterStore>;
  /** The graph's parameters are looked up in the store by checkpoint name, so any graph over the same checkpoint fits. */
  compile(graph: Graph, store: ParameterStore): Promise<Inference>;
  compileTraining(program: TrainingProgram, store: ParameterStore, options: TrainerOptions): Promise<Trainer>;
  memory(): MemoryLedger;
  /** Resolves with the reason when the device is gone for good; never on an intended `dispose`. */
  readonly lost: Promise<EngineError>;
  dispose(): void;
}

export type EngineErrorCode =
  'no-webgpu' | 'device-lost' | 'out-of-memory' | 'limit' | 'validation' | 'self-test' | 'not-finite';

/** Failure of the device or of a kernel; `message` is written for the user. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  constructor(
    readonly code: EngineErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
