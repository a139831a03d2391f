import {
  EngineError,
  type Executor,
  type Inference,
  type MemoryLedger,
  type ParameterStore,
  type TensorLookup,
  type Trainer,
  type TrainerOptions,
} from '../executor';
import type { TrainingProgram } from '../graph/differentiate';
import type { Graph } from '../graph/ir';
import type { ParameterSpec } from '../graph/value';
import { checkStates } from '../graph/states';
import { startBackend, type Backend, type BackendOptions, type TfjsKind } from './backend';
import { TfjsInference } from './inference';
import { Ledger } from './ledger';
import { composedRules } from '../ops/tfjs';
import { ComposedOptimizer, optimizedParameters, trainableSpecs } from './optimizer';
import type { OpRules } from './rule';
import { TfjsStore } from './store';
import { TfjsTrainer } from './trainer';
import { openWasmHeap, type WasmHeap } from './wasm/heap';
import { WasmOptimizer } from './wasm/optimizer';
import { wasmRules } from '../ops/wasm';

/**
 * Starts an executor on TensorFlow.js: on its WASM backend, on plain JavaScript, or on its WebGPU backend with the given device.
 * @throws EngineError where the backend does not start
 */
export async function createTfjsExecutor(kind: TfjsKind, options: BackendOptions = {}): Promise<Executor> {
  const backend = await startBackend(kind, options);
  const heap = kind === 'tfjs-wasm' ? await openWasmHeap(options.wasmThreads ?? defaultThreads()) : null;
  return new TfjsExecutor(kind, backend, heap);
}

class TfjsExecutor implements Executor {
  private readonly ledger = new Ledger();
  private readonly rules: OpRules;
  readonly mixedPrecision = false;
  readonly description: string;
  readonly lost: Promise<EngineError>;

  /** @param heap with it, the operations that take the time run in SIMD kernels */
  constructor(
    readonly kind: TfjsKind,
    private readonly backend: Backend,
    private readonly heap: WasmHeap | null,
  ) {
    this.rules = heap === null ? composedRules : wasmRules(heap);
    this.description = heap === null ? backend.description : heap.description;
    this.lost = backend.lost;
  }

  createStore(
    specs: readonly ParameterSpec[],
    tensors: TensorLookup,
    beside?: ParameterStore,
  ): Promise<ParameterStore> {
    this.backend.activate();
    const shared = beside === undefined ? null : own(beside);
    const store = new TfjsStore(specs, tensors, this.backend.activate, () => release(), shared);
    const release = this.ledger.hold('weights', store);
    return Promise.resolve(store);
  }

  compile(graph: Graph, store: ParameterStore): Promise<Inference> {
    return Promise.resolve(new TfjsInference(graph, own(store), this.rules, this.ledger, this.backend.activate));
  }

  compileTraining(program: TrainingProgram, store: ParameterStore, options: TrainerOptions): Promise<Trainer> {
    return new Promise((resolve) => resolve(this.trainer(program, store, options)));
  }

  /** @throws EngineError where the options do not fit the program or the backend */
  private trainer(program: TrainingProgram, store: ParameterStore, options: TrainerOptions): Trainer {
    if (options.precision === 'mixed') {
      throw new EngineError('limit', 'Mixed precision is possible with WebGPU only. Train in float32.');
    }
    checkStates(program, options);
    this.backend.activate();
    const specs = trainableSpecs(program.graph.parameters, program.trainable);
    const parameters = optimizedParameters(specs, options);
    const optimizer =
      this.heap === null
        ? new ComposedOptimizer(parameters, own(store), options)
        : new WasmOptimizer(parameters, own(store), options, this.heap);
    const release = this.ledger.hold('moments', optimizer);
    const { activate } = this.backend;
    return new TfjsTrainer(program, own(store), optimizer, this.rules, options, this.ledger, activate, release);
  }

  memory(): MemoryLedger {
    return this.ledger.read();
  }

  dispose(): void {
    this.heap?.dispose();
    this.backend.dispose();
  }
}

/** More would wait for each other: a step is many short kernels. */
const mostThreads = 8;

function defaultThreads(): number {
  return typeof navigator === 'undefined' ? 1 : Math.min(mostThreads, navigator.hardwareConcurrency);
}

function own(store: ParameterStore): TfjsStore {
  if (!(store instanceof TfjsStore)) throw new Error('The parameters belong to another kind of executor.');
  return store;
}
