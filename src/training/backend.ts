import { version } from '../../package.json';
import type { EngineDevice } from '../engine/device';
import { EngineError, type EngineErrorCode, type Executor, type ExecutorKind } from '../engine/executor';
import type { Graph } from '../engine/graph/ir';
import type { TuningCache } from '../engine/tuner';
import { database } from '../storage/db';
import type { DeviceLock } from './device-lock';
import type { ModelHandle } from './model-handle';
import type { Capabilities } from './protocol';
import { readTrial, rememberTrial, timeStep, type TrialResult } from './trial';

/** What was found out about this machine's GPU. */
interface GpuFinding {
  /** Null without WebGPU. */
  readonly adapter: string | null;
  readonly software: boolean;
  /** Why Vernier's own kernels are not used; null when they are. */
  readonly problem: string | null;
  readonly notes: readonly string[];
}

interface Choice {
  readonly kind: ExecutorKind;
  readonly verdict: string;
}

const none: GpuFinding = { adapter: null, software: false, problem: null, notes: [] };

/**
 * Finds out what the machine can do, chooses what to train on and starts it. On a real GPU that is WebGPU; where there is only a software
 * adapter, a short trial on the opened model decides between WebGPU and WASM.
 */
export class Backend {
  private readonly executors = new Map<ExecutorKind, Promise<Executor>>();
  private readonly failed = new Map<ExecutorKind, string>();
  private forced: ExecutorKind | null = null;
  private gpu: Promise<GpuFinding> | null = null;
  private trial: { readonly model: string; readonly result: TrialResult } | null = null;
  private current: ExecutorKind | null = null;

  /** @param onChange called when another executor takes over, before it is used: what lies on the old one is of no use any more */
  constructor(
    private readonly lock: DeviceLock,
    private readonly onChange: () => Promise<void>,
  ) {}

  /** What the user wants to compute with; null while the studio chooses. */
  get choice(): ExecutorKind | null {
    return this.forced;
  }

  /** @param force what the user wants to compute with; null lets the studio choose */
  async probe(force: ExecutorKind | null): Promise<Capabilities> {
    this.forced = force;
    this.failed.clear();
    const gpu = await this.findGpu();
    const { kind, verdict } = this.choose(gpu, this.trial?.result ?? null);
    const isolated = globalThis.crossOriginIsolated;
    const notes = [...gpu.notes];
    if (!isolated && kind === 'tfjs-wasm') {
      notes.push(
        'The page is not cross-origin isolated, so WebAssembly has one thread only. Serve it with the headers that README names.',
      );
    }
    return {
      chosen: kind,
      verdict,
      adapter: gpu.adapter,
      softwareAdapter: gpu.software,
      crossOriginIsolated: isolated,
      threads: isolated ? navigator.hardwareConcurrency : 1,
      notes,
    };
  }

  /** The executor for a model, started if need be. Where a trial has to decide it is made now, once. */
  async executor(model: ModelHandle): Promise<Executor> {
    const gpu = await this.findGpu();
    if (this.forced === null && gpu.software && gpu.problem === null && this.trial?.model !== model.id) {
      this.trial = { model: model.id, result: await this.tryOut(model, gpu.adapter ?? '') };
    }
    const { kind } = this.choose(gpu, this.trial?.result ?? null);
    if (this.current !== kind) {
      await this.onChange();
      this.current = kind;
    }
    try {
      return await this.start(kind);
    } catch (error) {
      if (kind === 'tfjs-cpu') throw error;
      // The next probe says so; work goes on with the next best.
      this.failed.set(kind, error instanceof Error ? error.message : String(error));
      return this.executor(model);
    }
  }

  /**
   * An executor for a run: on WebGPU, the variants of kernels are timed on the run's own shapes first, or remembered from an earlier time. It works
   * on the same device and parameters as the given one, which stays in charge of them.
   *
   * @param graph what a step computes
   */
  async tuned(executor: Executor, graph: Graph): Promise<Executor> {
    if (executor.kind !== 'webgpu') return executor;
    const [{ tuneKernels, tuningTasks }, { createWebGpuExecutor, WebGpuExecutor }] = await Promise.all([
      import('../engine/tuner'),
      import('../engine/webgpu/executor'),
    ]);
    if (!(executor instanceof WebGpuExecutor)) return executor;
    const { engine } = executor;
    const choice = await this.lock.run(() => tuneKernels(engine, tuningTasks(graph, true), { cache: tuningCache }));
    return createWebGpuExecutor(engine, { choice });
  }

  /** Takes note of a failure: an executor whose device is gone, full or in error is given up, and the next request starts another. */
  async noteFailure(error: unknown): Promise<void> {
    const kind = this.current;
    if (!(error instanceof EngineError) || !deviceFailures.has(error.code)) return;
    if (kind !== 'webgpu' && kind !== 'tfjs-webgpu') return;
    const failed = this.executors.get(kind);
    this.executors.delete(kind);
    this.gpu = null;
    this.current = null;
    await this.onChange();
    await failed?.then((executor) => executor.dispose()).catch(() => undefined);
  }

  /** Adapter and backend for the run record. */
  async describe(): Promise<{ readonly adapter: string | null; readonly version: string }> {
    const { adapter } = await this.findGpu();
    return { adapter, version };
  }

  private choose(gpu: GpuFinding, trial: TrialResult | null): Choice {
    const { forced, failed } = this;
    if (forced !== null && !failed.has(forced))
      return { kind: forced, verdict: `Trains with ${names[forced]}, as you chose.` };
    const refusal =
      forced === null ? '' : `${capital(names[forced])} does not start here: ${failed.get(forced) ?? ''} `;
    const cpu: ExecutorKind = failed.has('tfjs-wasm') ? 'tfjs-cpu' : 'tfjs-wasm';
    const onCpu = `Training runs on the CPU with ${names[cpu]}`;
    const problem = gpu.problem ?? failed.get('webgpu') ?? null;
    if (gpu.adapter === null || problem !== null) {
      return { kind: cpu, verdict: `${refusal}${problem ?? 'There is no GPU.'} ${onCpu}.` };
    }
    if (!gpu.software) return { kind: 'webgpu', verdict: `${refusal}Trains on your GPU, ${gpu.adapter}, with WebGPU.` };
    const opening = `${refusal}The browser offers no GPU, only a software adapter (${gpu.adapter}).`;
    if (trial === null) return { kind: cpu, verdict: `${opening} ${onCpu}.` };
    const { webgpu, wasm } = trial;
    if (webgpu !== null && (wasm === null || webgpu < wasm)) {
      return {
        kind: 'webgpu',
        verdict: `${opening} Training runs on it, which a short trial found faster than WebAssembly${comparison(webgpu, wasm)}.`,
      };
    }
    return { kind: cpu, verdict: `${opening} ${onCpu}, which a short trial found faster${comparison(wasm, webgpu)}.` };
  }

  private findGpu(): Promise<GpuFinding> {
    this.gpu ??= this.lookForGpu();
    return this.gpu;
  }

  private async lookForGpu(): Promise<GpuFinding> {
    const { acquireDevice } = await import('../engine/device');
    let device: EngineDevice;
    try {
      device = await acquireDevice();
    } catch (error) {
      return { ...none, problem: error instanceof Error ? error.message : String(error) };
    }
    const { adapter, refused } = device;
    const notes = refused.map(({ rulesOut }) => rulesOut);
    const finding = { adapter: adapter.name, software: adapter.software, problem: null, notes };
    void this.adopt('webgpu', this.makeWebGpu(device));
    return finding;
  }

  private start(kind: ExecutorKind): Promise<Executor> {
    return this.executors.get(kind) ?? this.adopt(kind, this.make(kind));
  }

  /** Keeps an executor until its device is lost; then all that was found out about the GPU is found out anew. */
  private adopt(kind: ExecutorKind, starting: Promise<Executor>): Promise<Executor> {
    this.executors.set(kind, starting);
    void this.watch(kind, starting);
    return starting;
  }

  private async watch(kind: ExecutorKind, starting: Promise<Executor>): Promise<void> {
    try {
      const { lost } = await starting;
      await lost;
    } catch {
      // It did not start: the next one to ask tries again.
    }
    if (this.executors.get(kind) !== starting) return;
    this.executors.delete(kind);
    if (kind === 'webgpu' || kind === 'tfjs-webgpu') this.gpu = null;
    if (this.current !== kind) return;
    this.current = null;
    await this.onChange();
  }

  private async make(kind: ExecutorKind): Promise<Executor> {
    switch (kind) {
      case 'webgpu': {
        const { acquireDevice } = await import('../engine/device');
        return this.makeWebGpu(await acquireDevice());
      }
      case 'tfjs-webgpu': {
        const [{ acquireDevice }, { createTfjsExecutor }] = await Promise.all([
          import('../engine/device'),
          import('../engine/tfjs/executor'),
        ]);
        return createTfjsExecutor(kind, { device: await acquireDevice() });
      }
      case 'tfjs-wasm': {
        const [{ wasmFiles }, { createTfjsExecutor }] = await Promise.all([
          import('../engine/tfjs/wasm-files'),
          import('../engine/tfjs/executor'),
        ]);
        return createTfjsExecutor(kind, { wasmPaths: wasmFiles });
      }
      case 'tfjs-cpu': {
        const { createTfjsExecutor } = await import('../engine/tfjs/executor');
        return createTfjsExecutor(kind);
      }
      default:
        return kind satisfies never;
    }
  }

  private async makeWebGpu(device: EngineDevice): Promise<Executor> {
    const { createWebGpuExecutor } = await import('../engine/webgpu/executor');
    return createWebGpuExecutor(device);
  }

  private async tryOut(model: ModelHandle, adapter: string): Promise<TrialResult> {
    const known = await readTrial(adapter, model.id, version);
    if (known !== null) return known;
    return this.lock.run(async () => {
      const time = async (kind: ExecutorKind, limit?: number): Promise<number | null> => {
        const executor = await this.start(kind).catch(() => null);
        return executor === null ? null : timeStep(executor, model, limit);
      };
      const wasm = await time('tfjs-wasm');
      const webgpu = await time('webgpu', wasm === null ? undefined : 2 * wasm);
      const result = { wasm, webgpu };
      await rememberTrial(adapter, model.id, version, result);
      return result;
    });
  }
}

const names: Readonly<Record<ExecutorKind, string>> = {
  webgpu: 'WebGPU',
  'tfjs-webgpu': 'the WebGPU kernels of TensorFlow.js',
  'tfjs-wasm': 'WebAssembly',
  'tfjs-cpu': 'plain JavaScript',
};

/** Failures after which nothing that lies on the device can be trusted. */
const deviceFailures: ReadonlySet<EngineErrorCode> = new Set(['device-lost', 'out-of-memory', 'validation']);

/** Winners of kernel timings, between visits. */
const tuningCache: TuningCache = {
  async get(key) {
    const value: unknown = await (await database()).get('settings', `kernel/${key}`);
    return typeof value === 'string' ? value : undefined;
  },
  async set(key, value) {
    await (await database()).put('settings', value, `kernel/${key}`);
  },
};

/** Both times of a trial, where both are known. */
function comparison(faster: number | null, slower: number | null): string {
  if (faster === null || slower === null) return '';
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toPrecision(2)} s`;
  return ` (${seconds(faster)} a step against ${seconds(slower)})`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
