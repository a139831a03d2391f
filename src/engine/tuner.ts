import type { AdapterDescription, EngineDevice } from './device';
import type { Graph, GraphNode, ValueId } from './graph/ir';
import { KernelTiming } from './kernel-timing';
import { attentionBackward, attentionForward } from './kernels/attention';
import { attentionVariantName, type AttentionShape, type AttentionVariant } from './kernels/attention-problem';
import type { Kernel } from './kernels/kernel';
import {
  defaultVariant,
  linearBackwardInput,
  linearBackwardWeight,
  linearForward,
  type LinearShape,
} from './kernels/linear';
import { variantName, type MatmulVariant } from './kernels/matmul-problem';
import type { RunStep } from './webgpu/kernel-run';
import type { KernelChoice, LinearPass } from './webgpu/lowering';
import { PipelineCache } from './webgpu/pipelines';

/**
 * Adapters whose fast kernels differ in kind. `software`: computes on the CPU, where every barrier and every lane of a load is dear. `apple`:
 * large register files and caches, where staging in workgroup memory does not pay. `gpu`: all others.
 */
export type AdapterClass = 'software' | 'apple' | 'gpu';

/** The class of an adapter. */
export function adapterClass(adapter: AdapterDescription): AdapterClass {
  if (adapter.software) return 'software';
  return /apple/i.test(`${adapter.vendor} ${adapter.architecture} ${adapter.name}`) ? 'apple' : 'gpu';
}

/** What decides which variants there are: an `EngineDevice` has it. */
export type TuningTarget = Pick<EngineDevice, 'adapter' | 'features'>;

const register4: MatmulVariant = { kind: 'register', rows: 4, columns: 4, lanes: [8, 8] };
const register8: MatmulVariant = { kind: 'register', rows: 8, columns: 4, lanes: [8, 8] };
const quad8: MatmulVariant = { kind: 'quad', rows: 8, columns: 16, quads: [1, 1] };
const quad16: MatmulVariant = { kind: 'quad', rows: 16, columns: 16, quads: [1, 1] };
const quad32: MatmulVariant = { kind: 'quad', rows: 16, columns: 32, quads: [1, 1] };
const shared32: MatmulVariant = { kind: 'shared', rows: 4, columns: 4, lanes: [8, 8], depth: 16 };
const shared64: MatmulVariant = { kind: 'shared', rows: 4, columns: 4, lanes: [16, 16], depth: 16 };
const shared64wide: MatmulVariant = { kind: 'shared', rows: 8, columns: 8, lanes: [8, 8], depth: 16 };
const shared128: MatmulVariant = { kind: 'shared', rows: 8, columns: 8, lanes: [8, 16], depth: 16 };

/** Elements of a product below which large tiles leave most of a GPU idle. */
const smallProduct = 128 * 1024;

/**
 * Variants worth timing for a product, the default first. Rows of a weight's gradient come in groups of 16 from a quad, so the smaller quad
 * tile does not apply there.
 */
export function matmulCandidates(target: TuningTarget, pass: LinearPass, shape: LinearShape): readonly MatmulVariant[] {
  const produced =
    pass === 'forward'
      ? shape.rows * shape.columns
      : pass === 'input'
        ? shape.rows * shape.inner
        : shape.columns * shape.inner;
  const kind = adapterClass(target.adapter);
  switch (kind) {
    case 'software': {
      if (!target.features.subgroups) return [register4, register8];
      // LLVM's time to compile grows fast with the tile, and llvmpipe gains nothing from larger ones.
      if (/llvmpipe/i.test(target.adapter.name)) return pass === 'weight' ? [quad16] : [quad8, quad16];
      return [quad16, quad32];
    }
    case 'apple':
      return [register4, register8, shared64];
    case 'gpu':
      return produced <= smallProduct
        ? [shared32, register4, shared64]
        : [shared64, shared64wide, shared128, shared32, register8, register4];
    default:
      return kind satisfies never;
  }
}

const laneTile = (lanes: number): AttentionVariant => ({ kind: 'tile', worker: 'lane', lanes });
const quadTile: AttentionVariant = { kind: 'tile', worker: 'quad' };

/** Attention variants worth timing on an adapter, the default first. */
export function attentionCandidates({ adapter, features }: TuningTarget): readonly AttentionVariant[] {
  if (adapterClass(adapter) === 'software') {
    // Lanes of a software adapter's workgroup run one after another: no more of them than needed.
    if (!features.subgroups) return [laneTile(4)];
    // Other software adapters compile attention for seconds, which no choice between kernels makes up for.
    return /llvmpipe/i.test(adapter.name) ? [quadTile, laneTile(4)] : [quadTile];
  }
  return [laneTile(64), laneTile(32), ...(features.subgroups ? [quadTile] : []), { kind: 'rows' }];
}

/** The kernels that do well on adapters of this class, without timing anything: the same choice every time. */
export function defaultChoice(target: TuningTarget): KernelChoice {
  const [attention = { kind: 'rows' }] = attentionCandidates(target);
  return {
    target: { cooperative: adapterClass(target.adapter) !== 'software' },
    linear: (pass, shape) => matmulCandidates(target, pass, shape)[0] ?? register4,
    attention: () => attention,
  };
}

/** Where winners are kept between visits; an object store or a `Map` in tests. */
export interface TuningCache {
  get(key: string): Promise<string | undefined>;
  set(key: string, value: string): Promise<void>;
}

/** One product of a linear layer. */
export interface LinearTask {
  readonly op: 'linear';
  readonly pass: LinearPass;
  readonly shape: LinearShape;
}

/** Attention, with its gradient when that is needed too. */
export interface AttentionTask {
  readonly op: 'attention';
  readonly shape: AttentionShape;
  readonly causal: boolean;
  readonly training: boolean;
}

/** What one choice of a variant is made for. */
export type TuningTask = LinearTask | AttentionTask;

/**
 * The products of a graph's linear layers and its attentions, each shape once, and with `training` those of the backward pass; the most work
 * first.
 */
export function tuningTasks(graph: Graph, training: boolean): readonly TuningTask[] {
  const tasks = new Map<string, TuningTask>();
  const passes: readonly LinearPass[] = training ? ['forward', 'input', 'weight'] : ['forward'];
  const add = (task: TuningTask): void => void tasks.set(taskName(task), tasks.get(taskName(task)) ?? task);
  for (const node of graph.nodes) {
    if (node.op === 'linear') {
      const shape = linearShape(graph, node);
      for (const pass of passes) add({ op: 'linear', pass, shape });
    } else if (node.op === 'attention') {
      const { batch, tokens, heads, headSize, causal } = node;
      add({ op: 'attention', shape: { batch, tokens, heads, headSize }, causal, training });
    }
  }
  return [...tasks.values()].sort((one, other) => work(other) - work(one));
}

function linearShape(graph: Graph, node: GraphNode & { readonly op: 'linear' }): LinearShape {
  const extents = (id: ValueId): readonly number[] => graph.values[id]?.shape ?? [];
  const [rows = 0, inner = 0] = extents(node.x);
  const [columns = 0] = extents(node.weight);
  return { rows, inner, columns };
}

/** Multiplications of a task. */
function work(task: TuningTask): number {
  if (task.op === 'linear') return task.shape.rows * task.shape.inner * task.shape.columns;
  const { batch, tokens, heads, headSize } = task.shape;
  // Two products forward and seven backward, where probabilities are computed again; a causal mask halves all of them.
  return (task.training ? 9 : 2) * batch * heads * tokens * tokens * headSize * (task.causal ? 0.5 : 1);
}

/** Equal for tasks that share a choice: attention is chosen by its shape alone. */
function taskName(task: TuningTask): string {
  if (task.op === 'attention') return attentionName(task.shape);
  const { rows, inner, columns } = task.shape;
  return `${task.pass} ${rows}x${inner}x${columns}`;
}

function attentionName({ batch, tokens, heads, headSize }: AttentionShape): string {
  return `attention ${batch}x${tokens}x${heads}x${headSize}`;
}

/** Multiplications of an attention above which it is not tried without tiles: a GPU would be busy with that for so long that its driver may reset it. */
const mostWithoutTiles = 1e9;

/** What is timed for a task. */
interface Contest {
  readonly name: string;
  /** What else decides which kernels these are. */
  readonly details: string;
  /** Elements of the buffers that the kernels bind. */
  readonly buffers: Readonly<Record<string, number>>;
  /** The variants that may be chosen, the default first. */
  readonly entrants: readonly { readonly name: string; readonly steps: readonly RunStep[] }[];
}

function contestOf(target: TuningTarget, task: TuningTask): Contest {
  const name = taskName(task);
  if (task.op === 'linear') {
    const { rows, inner, columns } = task.shape;
    const [x, weight, y] = [rows * inner, columns * inner, rows * columns];
    const [left, right, result] = {
      forward: [x, weight, y] as const,
      input: [y, weight, x] as const,
      weight: [y, x, weight] as const,
    }[task.pass];
    const entrants = matmulCandidates(target, task.pass, task.shape).map((variant) => ({
      name: variantName(variant),
      steps: [[taskKernel(task, variant), 'left', 'right', 'result']] as const,
    }));
    return { name, details: '', buffers: { left, right, result }, entrants };
  }
  const { batch, tokens, heads, headSize } = task.shape;
  const rows = batch * heads * tokens;
  const y = rows * headSize;
  const candidates = attentionCandidates(target).filter(
    ({ kind }, index) => index === 0 || kind !== 'rows' || work(task) <= mostWithoutTiles,
  );
  const entrants = candidates.map((variant) => ({
    name: attentionVariantName(variant),
    steps: attentionSteps(task, variant),
  }));
  // Where tiles do not fit, several variants are one and the same kernel.
  const code = (steps: readonly RunStep[]): string => steps.map(([kernel]) => kernel.code).join();
  const first = new Map(entrants.map((entrant) => [code(entrant.steps), entrant] as const).reverse());
  return {
    name,
    details: `${task.causal ? ' causal' : ''}${task.training ? ' training' : ''}`,
    buffers: { qkv: 3 * y, y, dy: y, logSumExp: rows, dQkv: 3 * y, delta: rows },
    entrants: entrants.filter((entrant) => first.get(code(entrant.steps)) === entrant),
  };
}

/** Name of the variant that a choice gives for a task. */
export function chosenName({ linear, attention }: KernelChoice, task: TuningTask): string {
  if (task.op === 'linear') return variantName(linear?.(task.pass, task.shape) ?? defaultVariant);
  return attentionVariantName(attention?.(task.shape) ?? { kind: 'rows' });
}

export interface TuningOptions {
  readonly cache: TuningCache;
  /** What turns the kernels into machine code besides the adapter, such as `Chrome 140, Vernier 0.1.0`: with another one all is timed again. */
  readonly environment: string;
  /** Compiles what is timed: that of an executor on the same device, so that it finds its kernels compiled. */
  readonly pipelines?: PipelineCache;
  /** Milliseconds to spend at most, compiling included; 2,000 by default. What is not timed by then keeps its default. */
  readonly budget?: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
}

/** What was found to be fastest. */
export interface Tuning {
  readonly choice: KernelChoice;
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
    budget = 2_000,
    now = () => performance.now(),
  }: TuningOptions,
): Promise<Tuning> {
  const fallback = defaultChoice(engine);
  const winners = new Map<string, string>();
  const found: { readonly key: string; readonly task: TuningTask; readonly winner: string }[] = [];
  const end = now() + budget;
  for (const task of tasks) {
    const contest = contestOf(engine, task);
    const { name, details, entrants } = contest;
    if (entrants.length < 2) continue;
    const candidates = entrants.map((entrant) => entrant.name);
    const key = [adapterKey(engine.adapter), environment, name + details, candidates.join()].join(' | ');
    const known = await cache.get(key);
    let winner = candidates.find((candidate) => candidate === known);
    if (winner === undefined) {
      if (now() >= end) continue;
      winner = await fastest(engine, pipelines, contest, end, now);
      if (winner === undefined) continue;
      found.push({ key, task, winner });
    }
    winners.set(name, winner);
  }
  const choice = choiceOf(engine, fallback, winners);
  return {
    choice,
    remember: async (sound) => {
      for (const { key, task, winner } of found) {
        if (chosenName(sound, task) === winner) await cache.set(key, winner);
      }
    },
  };
}

/** All that WebGPU tells of the adapter and its driver; drivers that hide their version are told apart by the browser's alone. */
function adapterKey({ vendor, architecture, device, description }: AdapterDescription): string {
  return [vendor, architecture, device, description].join(', ');
}

/** The default choice, but for tasks with a winner. */
function choiceOf(target: TuningTarget, fallback: KernelChoice, winners: ReadonlyMap<string, string>): KernelChoice {
  return {
    ...fallback,
    linear: (pass, shape) => {
      const winner = winners.get(taskName({ op: 'linear', pass, shape }));
      const candidates = matmulCandidates(target, pass, shape);
      return candidates.find((variant) => variantName(variant) === winner) ?? candidates[0] ?? register4;
    },
    attention: (shape) => {
      const winner = winners.get(attentionName(shape));
      const candidates = attentionCandidates(target);
      return (
        candidates.find((variant) => attentionVariantName(variant) === winner) ?? candidates[0] ?? { kind: 'rows' }
      );
    },
  };
}

/** The kernel of a task without bias and activation, which cost all variants the same. */
export function taskKernel({ pass, shape }: Pick<LinearTask, 'pass' | 'shape'>, variant: MatmulVariant): Kernel {
  switch (pass) {
    case 'forward':
      return linearForward(shape, { bias: false, residual: false, activation: 'none', saveDerivative: false }, variant);
    case 'input':
      return linearBackwardInput(shape, { accumulate: false, derivative: false }, variant);
    case 'weight':
      return linearBackwardWeight(shape, { bias: false, accumulate: false }, variant);
    default:
      return pass satisfies never;
  }
}

/** The kernels of a task without dropout and padding, in the order in which a step runs them. */
function attentionSteps({ shape, causal, training }: AttentionTask, variant: AttentionVariant): readonly RunStep[] {
  const options = { causal, lengths: false, dropout: 0, salt: 0 };
  const forward = attentionForward(shape, { ...options, saveLogSumExp: training }, variant);
  if (!training) return [[forward, 'qkv', 'y']];
  const [query, keyValue] = attentionBackward(shape, options, variant);
  return [
    [forward, 'qkv', 'y', 'logSumExp'],
    [query, 'qkv', 'y', 'dy', 'logSumExp', 'dQkv', 'delta'],
    [keyValue, 'qkv', 'dy', 'logSumExp', 'delta', 'dQkv'],
  ];
}

/** The name of the fastest; undefined where none runs, or time ran out before all of them were timed. */
async function fastest(
  { device, features, adapter }: EngineDevice,
  pipelines: PipelineCache,
  { buffers, entrants }: Contest,
  end: number,
  now: () => number,
): Promise<string | undefined> {
  const bench = new KernelTiming(device, pipelines, buffers, {
    timestamps: features.timestamps,
    once: adapter.software,
    now,
  });
  try {
    let best: string | undefined;
    let least = Infinity;
    for (const { name, steps } of entrants) {
      if (now() >= end) return undefined;
      const time = await bench.time(steps);
      if (time < least) {
        least = time;
        best = name;
      }
    }
    return best;
  } finally {
    bench.dispose();
  }
}
