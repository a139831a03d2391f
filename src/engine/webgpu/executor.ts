import type { EngineDevice } from '../device';
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
import { isLongAttention, usedAttention } from '../ops/attention/tuning';
import { defaultVariant, type LinearPass, type LinearShape } from '../ops/linear/kernels';
import type { MatmulVariant } from '../ops/linear/matmul-problem';
import { usedProducts } from '../ops/linear/tuning';
import {
  selfTest,
  type Candidates,
  type PassedChecks,
  type SelfTestOptions,
  type SelfTestReport,
  type SelfTestResult,
} from '../self-test';
import type { KernelChoice } from '../kernel-choice';
import { defaultChoice } from '../kernel-names';
import type { TuningTask } from '../ops/tuning';
import type { ExecutorContext } from './context';
import { WebGpuInference } from './inference';
import { runKernels } from './kernel-run';
import { DeviceMemory } from './memory';
import { PipelineCache } from './pipelines';
import { WebGpuParameterStore } from './store';
import { Submitter } from './submitter';
import { WebGpuTrainer } from './trainer';

/**
 * The executor of WebGPU, and how one is made. Kernels that the self-test finds wrong are never used. A failed device command makes everything
 * after it fail, since nothing computed then can be trusted.
 */

export interface WebGpuExecutorOptions {
  /** Kernel variants; by default those that suit the kind of adapter. */
  readonly choice?: KernelChoice;
  /** Check the kernels against values computed on the CPU before they are used; by default they are. */
  readonly selfTest?: boolean;
}

interface SharedParts {
  /** An executor that is in charge of the device and of all the rest. */
  readonly owner?: WebGpuExecutor;
  readonly memory?: DeviceMemory;
  readonly cache?: PipelineCache;
  readonly passed?: PassedChecks;
  /** By default wherever the device has f16. */
  readonly mixedPrecision?: boolean;
}

/** Runs graphs with Vernier's own kernels. Owns the device, but for one made by `withKernels`: `dispose` destroys it. */
export class WebGpuExecutor implements Executor {
  readonly kind = 'webgpu';
  readonly mixedPrecision: boolean;
  readonly description: string;
  readonly lost: Promise<EngineError>;
  /** For the engine's own parts and their tests. */
  readonly context: ExecutorContext;
  private readonly owned: boolean;
  private failure: EngineError | null = null;
  private readonly deviceErrors = (event: GPUUncapturedErrorEvent): void => {
    const { error } = event;
    const code = error.constructor.name === 'GPUOutOfMemoryError' ? 'out-of-memory' : 'validation';
    this.failure ??= new EngineError(code, `The graphics device reported an error: ${error.message}`, { cause: error });
  };

  /** @param shared what it has in common with others on its device; by default nothing */
  constructor(
    readonly engine: EngineDevice,
    choice: KernelChoice,
    /** What the self-test found; null where it was left out. */
    readonly tested: SelfTestReport | null,
    shared: SharedParts = {},
  ) {
    const { device, adapter } = engine;
    const {
      owner = null,
      memory = new DeviceMemory(device),
      cache = new PipelineCache(device),
      passed = new Set(),
    } = shared;
    this.description = adapter.name;
    this.mixedPrecision = shared.mixedPrecision ?? engine.features.f16;
    this.owned = owner === null;
    if (owner !== null) {
      this.context = { ...owner.context, choice };
      this.lost = owner.lost;
      return;
    }
    this.context = {
      engine,
      device,
      memory,
      cache,
      submitter: new Submitter(device, adapter.software),
      choice,
      passed,
      failure: () => this.failure,
    };
    this.lost = engine.lost.then((error) => (this.failure ??= error));
    // A rejected command leaves its outputs as they were, so nothing computed afterwards can be trusted.
    device.addEventListener('uncapturederror', this.deviceErrors);
  }

  /**
   * One with other kernels that has everything else in common with this one: device, memory ledger, compiled kernels and failures. This one stays in
   * charge of the device, which disposing of the other does not touch.
   *
   * @param options `mixedPrecision`: false where its kernels do not work with f16 storage
   */
  withKernels(
    choice: KernelChoice,
    tested: SelfTestReport | null,
    { mixedPrecision = this.mixedPrecision }: { readonly mixedPrecision?: boolean } = {},
  ): WebGpuExecutor {
    return new WebGpuExecutor(this.engine, choice, tested, { owner: this, mixedPrecision });
  }

  createStore(
    specs: readonly ParameterSpec[],
    tensors: TensorLookup,
    beside?: ParameterStore,
  ): Promise<ParameterStore> {
    const { device, memory } = this.context;
    const shared = beside === undefined ? null : ownStore(beside);
    return WebGpuParameterStore.create(specs, tensors, device, memory, shared);
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
    if (!this.owned) return;
    const { device } = this.engine;
    device.removeEventListener('uncapturederror', this.deviceErrors);
    device.destroy();
  }
}

function ownStore(store: ParameterStore): WebGpuParameterStore {
  if (store instanceof WebGpuParameterStore) return store;
  throw new EngineError('validation', 'The parameters were made by another executor.');
}

/** Sizes whose kernels differ where the choice depends on the size: a product that fills a GPU, one that does not, and those of few rows. */
const typicalShapes: readonly LinearShape[] = [
  { rows: 1600, inner: 768, columns: 3072 },
  { rows: 384, inner: 192, columns: 192 },
  { rows: 8, inner: 192, columns: 192 },
  { rows: 1, inner: 192, columns: 192 },
];

const typicalTasks: readonly TuningTask[] = [
  ...typicalShapes.flatMap((shape) =>
    (['forward', 'input', 'weight'] as const).map((pass) => ({ op: 'linear', pass, shape }) as const),
  ),
  { op: 'attention', shape: { batch: 16, tokens: 50, heads: 8, headSize: 64 }, causal: false, training: true },
];

/**
 * An executor on a device from `acquireDevice`, with kernels that passed the self-test.
 * @throws EngineError `self-test` where for some operation no kernel does
 */
export async function createWebGpuExecutor(
  engine: EngineDevice,
  options: WebGpuExecutorOptions = {},
): Promise<WebGpuExecutor> {
  const wanted = options.choice ?? defaultChoice(engine);
  if (options.selfTest === false) return new WebGpuExecutor(engine, wanted, null);
  const { device } = engine;
  const shared = { memory: new DeviceMemory(device), cache: new PipelineCache(device), passed: new Set<string>() };
  const { choice, report } = await testKernels({ device, ...shared }, wanted, typicalTasks);
  return new WebGpuExecutor(engine, choice, report, shared);
}

/**
 * Checks the kernels that a choice gives for some tasks on a device.
 * @param options `usual`: what to use where one of them fails or there is no time to check it
 * @throws EngineError `self-test` where for some operation no kernel passes
 */
export function testKernels(
  { device, memory, cache, passed }: Pick<ExecutorContext, 'device' | 'memory' | 'cache' | 'passed'>,
  wanted: KernelChoice,
  tasks: readonly TuningTask[],
  options: Pick<SelfTestOptions, 'usual' | 'budget'> = {},
): Promise<SelfTestResult> {
  const linear = usedProducts(wanted, tasks);
  const product = (pass: LinearPass): Candidates<MatmulVariant> => ({ used: linear[pass], fallback: defaultVariant });
  return selfTest((check, results) => runKernels(device, memory, cache, check.data, check.steps, results), wanted, {
    linear: { forward: product('forward'), input: product('input'), weight: product('weight') },
    attention: { used: usedAttention(wanted, tasks), fallback: { kind: 'rows' } },
    longAttention: tasks.some((task) => isLongAttention(wanted, task)),
    passed,
    ...options,
  });
}
