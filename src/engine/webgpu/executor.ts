import type { EngineDevice } from '../device';
import {
  EngineError,
  type Executor,
  type Inference,
  type MemoryLedger,
  type ParameterStore,
  type TensorMap,
  type Trainer,
  type TrainerOptions,
} from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import type { Graph, ParameterSpec } from '../graph/ir';
import { defaultChoice } from '../tuner';
import type { ExecutorContext } from './context';
import { WebGpuInference } from './inference';
import type { KernelChoice } from './lowering';
import { DeviceMemory } from './memory';
import { PipelineCache } from './pipelines';
import { WebGpuParameterStore } from './store';
import { Submitter } from './submitter';
import { WebGpuTrainer } from './trainer';

export interface WebGpuExecutorOptions {
  /** Kernel variants; by default those that suit the kind of adapter. */
  readonly choice?: KernelChoice;
}

/** Runs graphs with Vernier's own kernels. Owns the device: `dispose` destroys it. */
export class WebGpuExecutor implements Executor {
  readonly kind = 'webgpu';
  readonly description: string;
  readonly lost: Promise<EngineError>;
  /** For the engine's own parts and their tests. */
  readonly context: ExecutorContext;
  private failure: EngineError | null = null;

  constructor(
    readonly engine: EngineDevice,
    options: WebGpuExecutorOptions = {},
  ) {
    const { device, adapter } = engine;
    this.description = adapter.name;
    this.context = {
      engine,
      device,
      memory: new DeviceMemory(device),
      cache: new PipelineCache(device),
      submitter: new Submitter(device, adapter.software),
      choice: options.choice ?? defaultChoice(engine),
      failure: () => this.failure,
    };
    this.lost = engine.lost.then((error) => (this.failure ??= error));
    // A rejected command leaves its outputs as they were, so nothing computed afterwards can be trusted.
    device.addEventListener('uncapturederror', ({ error }) => {
      const code = error.constructor.name === 'GPUOutOfMemoryError' ? 'out-of-memory' : 'validation';
      this.failure ??= new EngineError(code, `The graphics device reported an error: ${error.message}`, {
        cause: error,
      });
    });
  }

  createStore(specs: readonly ParameterSpec[], tensors: TensorMap): Promise<ParameterStore> {
    return WebGpuParameterStore.create(specs, tensors, this.context.device, this.context.memory);
  }

  compile(graph: Graph, store: ParameterStore): Promise<Inference> {
    return WebGpuInference.create(this.context, graph, ownStore(store));
  }

  compileTraining(program: TrainingProgram, store: ParameterStore, options: TrainerOptions): Promise<Trainer> {
    return WebGpuTrainer.create(this.context, program, ownStore(store), options);
  }

  memory(): MemoryLedger {
    return this.context.memory.ledger();
  }

  /** Buffers ever made on the device; flat while planned steps run. */
  get allocations(): number {
    return this.context.memory.allocations;
  }

  dispose(): void {
    this.engine.device.destroy();
  }
}

function ownStore(store: ParameterStore): WebGpuParameterStore {
  if (store instanceof WebGpuParameterStore) return store;
  throw new EngineError('validation', 'The parameters were made by another executor.');
}

/** An executor on a device from `acquireDevice`. */
export function createWebGpuExecutor(engine: EngineDevice, options: WebGpuExecutorOptions = {}): WebGpuExecutor {
  return new WebGpuExecutor(engine, options);
}
