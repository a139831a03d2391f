import type { AdapterDescription, EngineDevice } from './device';
import type { Graph, GraphNode, ValueId } from './graph/ir';
import type { AttentionVariant } from './kernels/attention-problem';
import type { Kernel } from './kernels/kernel';
import { linearBackwardInput, linearBackwardWeight, linearForward, type LinearShape } from './kernels/linear';
import { variantName, type MatmulVariant } from './kernels/matmul-problem';
import type { KernelChoice, LinearPass } from './webgpu/lowering';

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

/** The attention variant for an adapter. */
export function attentionVariant(target: TuningTarget): AttentionVariant {
  if (adapterClass(target.adapter) !== 'software') return { kind: 'tile', worker: 'lane', lanes: 64 };
  // Lanes of a software adapter's workgroup run one after another: no more of them than needed.
  return target.features.subgroups ? { kind: 'tile', worker: 'quad' } : { kind: 'tile', worker: 'lane', lanes: 4 };
}

/** The kernels that do well on adapters of this class, without timing anything: the same choice every time. */
export function defaultChoice(target: TuningTarget): KernelChoice {
  const attention = attentionVariant(target);
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

/** One product to tune. */
export interface TuningTask {
  readonly pass: LinearPass;
  readonly shape: LinearShape;
}

/** The products of a graph's linear layers, each once, and with `training` those of its backward pass; the most work first. */
export function tuningTasks(graph: Graph, training: boolean): readonly TuningTask[] {
  const tasks = new Map<string, TuningTask>();
  const passes: readonly LinearPass[] = training ? ['forward', 'input', 'weight'] : ['forward'];
  for (const node of graph.nodes) {
    if (node.op !== 'linear') continue;
    const shape = linearShape(graph, node);
    for (const pass of passes) tasks.set(taskName({ pass, shape }), { pass, shape });
  }
  return [...tasks.values()].sort((one, other) => work(other.shape) - work(one.shape));
}

function linearShape(graph: Graph, node: GraphNode & { readonly op: 'linear' }): LinearShape {
  const extents = (id: ValueId): readonly number[] => graph.values[id]?.shape ?? [];
  const [rows = 0, inner = 0] = extents(node.x);
  const [columns = 0] = extents(node.weight);
  return { rows, inner, columns };
}

function work({ rows, inner, columns }: LinearShape): number {
  return rows * inner * columns;
}

function taskName({ pass, shape: { rows, inner, columns } }: TuningTask): string {
  return `${pass} ${rows}x${inner}x${columns}`;
}

export interface TuningOptions {
  readonly cache: TuningCache;
  /** Milliseconds to spend at most, compiling included; 2,000 by default. What is not timed by then keeps its default. */
  readonly budget?: number;
  /** A clock in milliseconds. */
  readonly now?: () => number;
}

/** Times the variants of each product on the device, remembers the winners per adapter and shape, and gives the resulting choice. */
export async function tuneKernels(
  engine: EngineDevice,
  tasks: readonly TuningTask[],
  { cache, budget = 2_000, now = () => performance.now() }: TuningOptions,
): Promise<KernelChoice> {
  const fallback = defaultChoice(engine);
  const winners = new Map<string, MatmulVariant>();
  const end = now() + budget;
  for (const task of tasks) {
    const candidates = matmulCandidates(engine, task.pass, task.shape);
    if (candidates.length < 2) continue;
    const name = taskName(task);
    // Another driver may compile the same code to something else, and a newer Vernier may offer other variants.
    const key = [engine.adapter.name, engine.adapter.description, name, candidates.map(variantName).join()].join(' | ');
    const known = await cache.get(key);
    let winner = candidates.find((variant) => variantName(variant) === known);
    if (winner === undefined) {
      if (now() >= end) break;
      winner = await fastest(engine, task, candidates, () => end - now());
      if (winner === undefined) break;
      await cache.set(key, variantName(winner));
    }
    winners.set(name, winner);
  }
  return {
    ...fallback,
    linear: (pass, shape) => winners.get(taskName({ pass, shape })) ?? fallback.linear?.(pass, shape) ?? register4,
  };
}

/** The kernel of a task without bias and activation, which cost all variants the same. */
export function taskKernel({ pass, shape }: TuningTask, variant: MatmulVariant): Kernel {
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

/** Undefined when time ran out before all candidates were timed. */
async function fastest(
  engine: EngineDevice,
  task: TuningTask,
  candidates: readonly MatmulVariant[],
  left: () => number,
): Promise<MatmulVariant | undefined> {
  const { rows, inner, columns } = task.shape;
  const sizes = {
    forward: [rows * inner, columns * inner, rows * columns],
    input: [rows * columns, columns * inner, rows * inner],
    weight: [rows * columns, rows * inner, columns * inner],
  };
  const buffers = sizes[task.pass].map((count) =>
    engine.device.createBuffer({ size: 4 * count, usage: GPUBufferUsage.STORAGE }),
  );
  try {
    let best: MatmulVariant | undefined;
    let least = Infinity;
    for (const variant of candidates) {
      if (left() <= 0) return undefined;
      const time = await timeKernel(engine, taskKernel(task, variant), buffers);
      if (time < least) {
        least = time;
        best = variant;
      }
    }
    return best;
  } finally {
    for (const buffer of buffers) buffer.destroy();
  }
}

/** Work of one timed run on a GPU, so that it outlasts the granularity of browsers' clocks. */
const runFlops = 1e9;

/** Milliseconds a dispatch takes: the shortest of a few runs after one that warms up. */
async function timeKernel(
  { device, features, adapter }: EngineDevice,
  kernel: Kernel,
  buffers: readonly GPUBuffer[],
): Promise<number> {
  const module = device.createShaderModule({ code: kernel.code });
  const pipeline = await device.createComputePipelineAsync({ layout: 'auto', compute: { module, entryPoint: 'main' } });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const group = device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
  const repeats = adapter.software ? 1 : Math.min(64, Math.ceil(runFlops / kernel.flops));
  const stamps = features.timestamps ? new Timestamps(device) : null;
  const run = async (): Promise<number> => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass(stamps === null ? {} : { timestampWrites: stamps.writes });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, group);
    for (let i = 0; i < repeats; i++) pass.dispatchWorkgroups(...kernel.workgroups);
    pass.end();
    stamps?.resolve(encoder);
    const start = performance.now();
    device.queue.submit([encoder.finish()]);
    if (stamps !== null) return (await stamps.read()) / repeats;
    await device.queue.onSubmittedWorkDone();
    return (performance.now() - start) / repeats;
  };
  try {
    await run();
    return Math.min(await run(), await run());
  } finally {
    stamps?.destroy();
  }
}

/** Begin and end of one compute pass, measured by the device. */
class Timestamps {
  private readonly set: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(device: GPUDevice) {
    this.set = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.resolved = device.createBuffer({ size: 16, usage: GPUBufferUsage.QUERY_RESOLVE | GPUBufferUsage.COPY_SRC });
    this.staging = device.createBuffer({ size: 16, usage: GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ });
  }

  get writes(): GPUComputePassTimestampWrites {
    return { querySet: this.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  }

  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.set, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, 16);
  }

  /** Milliseconds between the two. */
  async read(): Promise<number> {
    await this.staging.mapAsync(GPUMapMode.READ);
    const [begin = 0n, end = 0n] = new BigInt64Array(this.staging.getMappedRange());
    this.staging.unmap();
    return Number(end - begin) / 1e6;
  }

  destroy(): void {
    this.set.destroy();
    this.resolved.destroy();
    this.staging.destroy();
  }
}
