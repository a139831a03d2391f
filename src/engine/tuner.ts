import type { AdapterDescription, EngineDevice } from './device';
import { EngineError } from './executor';
import { KernelTiming, timedBytes } from './kernel-timing';
import { chosenName, namedChoice, pinnedChoice, type KernelNames } from './kernel-names';
import type { KernelChoice } from './kernel-choice';
import type { Contest } from './ops/tunable';
import type { TuningTask } from './ops/tuning';
import { contestOf } from './tuning-tasks';
import { DeviceMemory } from './webgpu/memory';
import { PipelineCache } from './webgpu/pipelines';

/** Where winners are kept between visits; an object store or a `Map` in tests. */
export interface TuningCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
}

export interface TuningOptions {
  readonly cache: TuningCache;
  /** What turns the kernels into machine code besides the adapter, such as `Chrome 140, Vernier 0.1.0`: with another one all is timed again. */
  readonly environment: string;
  /** Compiles what is timed: that of an executor on the same device, so that it finds its kernels compiled. */
  readonly pipelines?: PipelineCache;
  /** The ledger of the device, which what timing takes is entered in. */
  readonly memory?: DeviceMemory;
  /** Bytes that the device may hold in all, as far as the run is known to need them: kernels whose buffers take more are not timed. */
  readonly room?: number;
  /** Kernels to use, by name (`kernelNames`): nothing is timed then, and what is not among them keeps its default. */
  readonly pinned?: KernelNames;
  /** Milliseconds to spend at most, compiling included; 2,000 by default. What is not timed by then keeps its default. */
  readonly budget?: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
}

/** What was found to be fastest. */
export interface Tuning {
  readonly choice: KernelChoice;
  /** Pinned kernels that could not be followed, for people. */
  readonly notes: readonly string[];
  /**
   * Keeps the new winners for later visits, as far as this choice still gives them: call it with what is left of `choice` after the self-test,
   * so that a kernel that computes wrong values is not remembered.
   */
  readonly remember: (sound: KernelChoice) => Promise<void>;
}

/**
 * Times the variants of each task on the device, but for those whose winner is remembered for this adapter, environment and shape. Variants that
 * the adapter's compiler rejects never win.
 */
export async function tuneKernels(
  engine: EngineDevice,
  tasks: readonly TuningTask[],
  {
    cache,
    environment,
    pipelines = new PipelineCache(engine.device),
    memory = new DeviceMemory(engine.device),
    room = Infinity,
    pinned,
    budget = 2_000,
    now = () => performance.now(),
  }: TuningOptions,
): Promise<Tuning> {
  if (pinned !== undefined) {
    return { ...pinnedChoice(engine, tasks, pinned), remember: () => Promise.resolve() };
  }
  const winners = new Map<string, string>();
  const found: { readonly key: string; readonly task: TuningTask; readonly winner: string }[] = [];
  const end = now() + budget;
  for (const task of tasks) {
    const contest = contestOf(engine, task);
    const { name, details, entrants } = contest;
    if (entrants.length < 2) continue;
    const candidates = entrants.map((entrant) => entrant.name);
    const key = [method, adapterKey(engine.adapter), environment, name + details, candidates.join()].join(' | ');
    const known = await cache.get(key);
    let winner = candidates.find((candidate) => candidate === known);
    if (winner === undefined) {
      if (now() >= end || memory.held + timedBytes(contest.buffers) > room) continue;
      winner = await fastest(engine, memory, pipelines, contest, end, now);
      if (winner === undefined) continue;
      found.push({ key, task, winner });
    }
    winners.set(name, winner);
  }
  return {
    choice: namedChoice(engine, winners),
    notes: [],
    remember: async (sound) => {
      for (const { key, task, winner } of found) {
        if (chosenName(sound, task) === winner) await cache.set(key, winner);
      }
    },
  };
}

/** Changes where winners of before mean nothing any more: other ways of timing or checking them. */
const method = 'timed 2';

/** All that WebGPU tells of the adapter and its driver; drivers that hide their version are told apart by the browser's alone. */
function adapterKey({ vendor, architecture, device, description }: AdapterDescription): string {
  return [vendor, architecture, device, description].join(', ');
}

/** The name of the fastest; undefined where none runs, the device has no room, or time ran out before all of them were timed. */
async function fastest(
  { features }: EngineDevice,
  memory: DeviceMemory,
  pipelines: PipelineCache,
  { buffers, entrants }: Contest,
  end: number,
  now: () => number,
): Promise<string | undefined> {
  let timing: KernelTiming | null = null;
  try {
    timing = await KernelTiming.create(memory, pipelines, buffers, { timestamps: features.timestamps, now });
    let best: string | undefined;
    let least = Infinity;
    for (const { name, steps } of entrants) {
      if (now() >= end) return undefined;
      const time = await timing.time(steps, end);
      if (time === null) return undefined;
      if (time < least) {
        least = time;
        best = name;
      }
    }
    return best;
  } catch (error) {
    // The run itself may fit all the same: it does not hold what timing would.
    if (error instanceof EngineError && (error.code === 'out-of-memory' || error.code === 'limit')) return undefined;
    throw error;
  } finally {
    timing?.dispose();
  }
}
