import { version } from '../../../package.json';
import { messageOf } from '../../protocol/errors';
import type { EngineDevice } from '../../engine/device';
import { causeOf } from '../../engine/loss';
import { EngineError, type EngineErrorCode, type Executor, type ExecutorKind } from '../../engine/executor';
import type { Graph } from '../../engine/graph/ir';
import type { KernelNames } from '../../engine/kernel-names';
import type { SelfTestReport } from '../../engine/self-test';
import type { TuningCache } from '../../engine/tuner';
import type { Computer } from '../../runs/computer';
import { database } from '../../storage/db';
import { storing } from '../../storage/storing';
import { capacityOf, type Capacity } from './capacity';
import type { DeviceLock } from '../device-lock';
import { browserEngines, type Engines, type TunedOptions } from './engines';
import type { ModelHandle } from '../model-handle';
import type { Capabilities } from '../../protocol/machine';
import { readTrial, rememberTrial, timeStep, type TrialResult } from './trial';

/** What was found out about this machine's GPU. */
interface GpuFinding {
  /** Null without WebGPU. */
  readonly adapter: string | null;
  readonly software: boolean;
  /** As it describes itself; null without WebGPU. */
  readonly described: Computer['adapter'];
  /** Bytes of the largest tensor that the device binds; null without one. */
  readonly largestTensor: number | null;
  /** The device stores half-precision floats. */
  readonly f16: boolean;
  /** Why Vernier's own kernels are not used; null when they are. */
  readonly problem: string | null;
  /** The WebGPU kernels of TensorFlow.js compute rightly where Vernier's own do not. */
  readonly stock: boolean;
  readonly notes: readonly string[];
}

/** An executor for a run, and what is to be said about its kernels. */
interface Tuned {
  readonly executor: Executor;
  readonly notes: readonly string[];
  /** The kernels that it trains with, for the run's record; empty where there are none to choose from. */
  readonly kernels: KernelNames;
}

interface Choice {
  readonly kind: ExecutorKind;
  readonly verdict: string;
}

const none: GpuFinding = {
  adapter: null,
  software: false,
  described: null,
  largestTensor: null,
  f16: false,
  problem: null,
  stock: false,
  notes: [],
};

/**
 * Finds out what the machine can do, chooses what to train on and starts it. On a real GPU that is WebGPU; where there is only a software
 * adapter, a short trial on the opened model decides between WebGPU and WASM.
 */
export class Backend {
  private readonly executors = new Map<ExecutorKind, Promise<Executor>>();
  private readonly failed = new Map<ExecutorKind, string>();
  private forced: ExecutorKind | null = null;
  private gpu: Promise<GpuFinding> | null = null;
  /** What the executors that are gone were lost to; null once another has started. */
  private loss: EngineError | null = null;
  private trial: { readonly model: string; readonly result: TrialResult } | null = null;
  private current: ExecutorKind | null = null;

  /** @param onChange called when another executor takes over, before it is used: what lies on the old one is of no use any more */
  constructor(
    private readonly lock: DeviceLock,
    private readonly onChange: () => Promise<void>,
    private readonly engines: Engines = browserEngines,
  ) {}

  /** What the user wants to compute with; null while the studio chooses. */
  get choice(): ExecutorKind | null {
    return this.forced;
  }

  /** @param force what the user wants to compute with; null lets the studio choose */
  async probe(force: ExecutorKind | null): Promise<Capabilities> {
    // Whoever chooses again wants it tried again.
    if (force !== this.forced) this.failed.clear();
    this.forced = force;
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
      largestTensor: gpu.largestTensor,
      mixedPrecision: kind === 'webgpu' && gpu.f16,
      crossOriginIsolated: isolated,
      threads: isolated ? navigator.hardwareConcurrency : 1,
      notes,
    };
  }

  /** The executor for a model, started if need be. Where a trial has to decide it is made now, once. */
  async executor(model: ModelHandle): Promise<Executor> {
    const gpu = await this.findGpu();
    const undecided = this.forced === null && gpu.software && this.obstacle('webgpu', gpu) === null;
    if (undecided && this.trial?.model !== model.id) {
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
      this.failed.set(kind, messageOf(error));
      return this.executor(model);
    }
  }

  /** What an executor of a kind can hold. */
  async capacity(kind: ExecutorKind): Promise<Capacity> {
    const { largestTensor } = await this.findGpu();
    return capacityOf(kind, largestTensor);
  }

  /**
   * An executor for a run: on WebGPU, the variants of kernels are timed on the run's own shapes first, or remembered from an earlier time, and
   * checked. It works on the same device and parameters as the given one, which stays in charge of them.
   *
   * @param graph what a step computes
   * @param options `precision`: the result cannot do mixed precision where its kernels fail with f16 storage. `pinned`: nothing is timed; notes say
   * where this machine cannot follow
   */
  async tuned(executor: Executor, graph: Graph, options: TunedOptions): Promise<Tuned> {
    const { pinned = {} } = options;
    const missing =
      Object.keys(pinned).length === 0
        ? []
        : [`The run that is repeated names kernels of WebGPU; ${names[executor.kind]} has no such choice.`];
    const untuned: Tuned = { executor, notes: missing, kernels: {} };
    if (executor.kind !== 'webgpu') return untuned;
    const tuned = await this.lock.run(() => this.engines.tuned(executor, graph, tuningCache, options));
    if (tuned === null) return untuned;
    const { report, notes, kernels } = tuned;
    return { executor: tuned.executor, notes: [...notesOn(report), ...notes], kernels };
  }

  /**
   * Takes note of a failure: an executor whose device is gone, full or in error is given up, and the next request starts another.
   *
   * @returns what is behind it
   */
  async noteFailure(error: unknown): Promise<unknown> {
    const kind = this.current;
    if (kind !== 'webgpu' && kind !== 'tfjs-webgpu') return error instanceof EngineError ? (this.loss ?? error) : error;
    const executor = await this.executors.get(kind)?.catch(() => null);
    const cause = executor ? await causeOf(error, executor.lost) : error;
    if (!(cause instanceof EngineError) || !deviceFailures.has(cause.code)) return cause;
    const failed = this.executors.get(kind);
    this.executors.delete(kind);
    this.gpu = null;
    this.current = null;
    await this.onChange();
    await failed?.then((executor) => executor.dispose()).catch(() => undefined);
    return cause;
  }

  /** Adapter and backend for the run record. */
  async describe(): Promise<{ readonly adapter: string | null; readonly version: string }> {
    const { adapter } = await this.findGpu();
    return { adapter, version };
  }

  /** What an executor computes on. */
  async computer({ kind, description: name }: Executor): Promise<Computer> {
    const { described } = await this.findGpu();
    return { backend: kind, name, adapter: kind === 'webgpu' || kind === 'tfjs-webgpu' ? described : null };
  }

  /** Why executors of a kind are not used; null where nothing is known against them. */
  private obstacle(kind: ExecutorKind, gpu: GpuFinding): string | null {
    return this.failed.get(kind) ?? (kind === 'webgpu' ? gpu.problem : null);
  }

  private choose(gpu: GpuFinding, trial: TrialResult | null): Choice {
    const { forced } = this;
    const refused = forced === null ? null : this.obstacle(forced, gpu);
    if (forced !== null && refused === null) {
      return { kind: forced, verdict: `Trains with ${names[forced]}, as you chose.` };
    }
    const refusal =
      forced === null || refused === null ? '' : `${capital(names[forced])} does not start here: ${refused} `;
    const cpu: ExecutorKind = this.failed.has('tfjs-wasm') ? 'tfjs-cpu' : 'tfjs-wasm';
    const onCpu = `Training runs on the CPU with ${names[cpu]}`;
    const problem = this.obstacle('webgpu', gpu);
    if (problem !== null) {
      const opening = forced === 'webgpu' ? refusal : `${refusal}${problem} `;
      if (gpu.stock && !this.failed.has('tfjs-webgpu')) {
        const verdict = `${opening}Training runs on ${gpu.adapter ?? 'your GPU'} with ${names['tfjs-webgpu']}, which compute rightly but are slower.`;
        return { kind: 'tfjs-webgpu', verdict };
      }
      return { kind: cpu, verdict: `${opening}${onCpu}.` };
    }
    const adapter = gpu.adapter ?? 'unnamed adapter';
    if (!gpu.software) return { kind: 'webgpu', verdict: `${refusal}Trains on your GPU, ${adapter}, with WebGPU.` };
    const opening = `${refusal}The browser offers no GPU, only a software adapter (${adapter}).`;
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

  /**
   * Looks for a GPU, and has its kernels tested where there is one.
   *
   * @param tries left where it is lost meanwhile
   */
  private async lookForGpu(tries = 3): Promise<GpuFinding> {
    let device: EngineDevice;
    try {
      device = await this.engines.acquireDevice();
    } catch (error) {
      return { ...none, problem: messageOf(error) };
    }
    const { adapter, features, limits, refused } = device;
    const found: GpuFinding = {
      ...none,
      adapter: adapter.name,
      software: adapter.software,
      described: describedAdapter(device),
      largestTensor: limits.maxStorageBufferBindingSize,
      f16: features.f16,
      notes: refused.map(({ rulesOut }) => rulesOut),
    };
    try {
      const testing = this.engines.webgpu(device);
      void this.adopt(
        'webgpu',
        testing.then(({ executor }) => executor),
      );
      const { report } = await testing;
      return { ...found, notes: [...found.notes, ...notesOn(report)] };
    } catch (error) {
      const cause = await causeOf(error, device.lost);
      if (cause instanceof EngineError && cause.code === 'device-lost') {
        // Nothing was found out, and the browser brings back what it has lost.
        if (tries > 1) return this.lookForGpu(tries - 1);
        this.gpu = null;
        throw cause;
      }
      // Where a GPU is only imitated, the processor computes faster without that detour.
      const stock = !adapter.software && (await this.stockWorks());
      return { ...found, problem: messageOf(error), stock };
    }
  }

  /** Whether the WebGPU kernels of TensorFlow.js compute what plain JavaScript does. */
  private async stockWorks(): Promise<boolean> {
    try {
      const { agreesWith } = await import('../../engine/program-check');
      return await agreesWith(await this.start('tfjs-webgpu'), await this.start('tfjs-cpu'));
    } catch {
      return false;
    }
  }

  private async start(kind: ExecutorKind): Promise<Executor> {
    // Vernier's own kernels start where the GPU is looked for.
    const gpu = kind === 'webgpu' ? await this.findGpu() : null;
    const running = this.executors.get(kind);
    if (running !== undefined) return running;
    if (kind === 'webgpu') throw new EngineError('no-webgpu', gpu?.problem ?? 'The graphics device was lost.');
    return this.adopt(kind, this.engines.tfjs(kind));
  }

  /** Keeps an executor until its device is lost; then all that was found out about the GPU is found out again. */
  private adopt(kind: ExecutorKind, starting: Promise<Executor>): Promise<Executor> {
    this.loss = null;
    this.executors.set(kind, starting);
    void this.watch(kind, starting);
    return starting;
  }

  private async watch(kind: ExecutorKind, starting: Promise<Executor>): Promise<void> {
    let started = false;
    try {
      const { lost } = await starting;
      started = true;
      this.loss = await lost;
    } catch {
      // It did not start: the next one to ask tries again.
    }
    if (this.executors.get(kind) !== starting) return;
    this.executors.delete(kind);
    if (started && (kind === 'webgpu' || kind === 'tfjs-webgpu')) this.gpu = null;
    if (this.current !== kind) return;
    this.current = null;
    await this.onChange();
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

function describedAdapter({ adapter, features, limits }: EngineDevice): Computer['adapter'] {
  const { vendor, architecture, device, description } = adapter;
  const has = Object.entries(features).flatMap(([name, there]) => (there ? [name] : []));
  return { vendor, architecture, device, description, features: has, limits: { ...limits } };
}

/** Failures after which nothing that lies on the device can be trusted. */
const deviceFailures: ReadonlySet<EngineErrorCode> = new Set(['device-lost', 'out-of-memory', 'validation']);

/** Winners of kernel timings, between visits. */
const tuningCache: TuningCache = {
  async get(key) {
    const value: unknown = await (await database()).get('settings', `kernel/${key}`).catch(() => undefined);
    return typeof value === 'string' ? value : undefined;
  },
  async set(key, value) {
    // What is not remembered is timed again; no run ends for it.
    await storing((db) => db.put('settings', value, `kernel/${key}`)).catch(() => undefined);
  },
};

/** Both times of a trial, where both are known. */
function comparison(faster: number | null, slower: number | null): string {
  if (faster === null || slower === null) return '';
  const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toPrecision(2)} s`;
  return ` (${seconds(faster)} a step against ${seconds(slower)})`;
}

/** What the self-test has to say, in sentences. */
function notesOn(report: SelfTestReport | null): readonly string[] {
  if (report === null) return [];
  const skipped =
    report.skipped.length === 0
      ? []
      : [`The self-test had no time to check these kernels, so others are used: ${report.skipped.join(', ')}.`];
  return [...report.replaced.map(capital), ...skipped];
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
