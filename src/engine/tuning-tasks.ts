import type { Precision } from './executor';
import { halfPrecisionValues } from './graph/half-precision';
import type { Graph, ValueId } from './graph/ir';
import type { GraphNode } from './ops';
import { attentionCandidates, matmulCandidates, type TuningTarget } from './kernel-candidates';
import type { TimedBuffers } from './kernel-timing';
import { attentionBackward, attentionForward } from './ops/attention/kernels';
import { attentionVariantName, type AttentionShape, type AttentionVariant } from './ops/attention/problem';
import type { Kernel } from './kernels/kernel';
import { linearBackwardInput, linearBackwardWeight, linearForward, type LinearShape } from './ops/linear/kernels';
import { variantName, type MatmulVariant } from './ops/linear/matmul-problem';
import type { FloatStorage } from './kernels/storage';
import type { RunStep } from './webgpu/kernel-run';
import type { LinearPass } from './webgpu/lowering';

/** One product of a linear layer. */
export interface LinearTask {
  readonly op: 'linear';
  readonly pass: LinearPass;
  readonly shape: LinearShape;
  /** Default: all in f32. */
  readonly storage?: TaskStorage;
}

/** How the step stores the activations that enter and leave a layer; their gradients are stored alike. */
export interface TaskStorage {
  readonly x: FloatStorage;
  readonly y: FloatStorage;
}

/** Attention, with its gradient when that is needed too. */
export interface AttentionTask {
  readonly op: 'attention';
  readonly shape: AttentionShape;
  readonly causal: boolean;
  readonly training: boolean;
  /** Default: all in f32. */
  readonly storage?: TaskStorage;
}

/** What one choice of a variant is made for. */
export type TuningTask = LinearTask | AttentionTask;

/**
 * The products of a graph's linear layers and its attentions, each shape once, and with `training` those of the backward pass; the most work
 * first.
 *
 * @param precision what the graph is computed in
 */
export function tuningTasks(graph: Graph, training: boolean, precision: Precision = 'float32'): readonly TuningTask[] {
  const half = precision === 'mixed' ? halfPrecisionValues(graph) : new Set<ValueId>();
  const storageOf = (x: ValueId, y: ValueId): TaskStorage => ({
    x: half.has(x) ? 'f16' : 'f32',
    y: half.has(y) ? 'f16' : 'f32',
  });
  const tasks = new Map<string, TuningTask>();
  const passes: readonly LinearPass[] = training ? ['forward', 'input', 'weight'] : ['forward'];
  const add = (task: TuningTask): void => void tasks.set(taskName(task), tasks.get(taskName(task)) ?? task);
  for (const node of graph.nodes) {
    if (node.op === 'linear') {
      const shape = linearShape(graph, node);
      const storage = storageOf(node.x, node.y);
      for (const pass of passes) add({ op: 'linear', pass, shape, storage });
    } else if (node.op === 'attention' && node.qkv !== null) {
      const { batch, tokens, heads, headSize, causal } = node;
      const storage = storageOf(node.qkv, node.y);
      add({ op: 'attention', shape: { batch, tokens, heads, headSize }, causal, training, storage });
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
export function taskName(
  task: Pick<LinearTask, 'op' | 'pass' | 'shape'> | Pick<AttentionTask, 'op' | 'shape'>,
): string {
  if (task.op === 'attention') {
    const { batch, tokens, heads, headSize, apart } = task.shape;
    const keys = apart === undefined ? '' : ` to ${apart.keys}${apart.sharedQueries ? ' shared' : ''}`;
    return `attention ${batch}x${tokens}x${heads}x${headSize}${keys}`;
  }
  const { rows, inner, columns } = task.shape;
  return `${task.pass} ${rows}x${inner}x${columns}`;
}

/** Multiplications of an attention above which it is not tried without tiles: a GPU would be busy with that for so long that its driver may reset it. */
const mostWithoutTiles = 1e9;

/** What is timed for a task. */
export interface Contest {
  readonly name: string;
  /** What else decides which kernels these are. */
  readonly details: string;
  /** The buffers that the kernels bind. */
  readonly buffers: TimedBuffers;
  /** The variants that may be chosen, the default first. */
  readonly entrants: readonly { readonly name: string; readonly steps: readonly RunStep[] }[];
}

/** What is timed for a task on an adapter. */
export function contestOf(target: TuningTarget, task: TuningTask): Contest {
  const name = taskName(task);
  const { storage = { x: 'f32', y: 'f32' } } = task;
  const stored = storage.x === 'f32' && storage.y === 'f32' ? '' : ` ${storage.x} to ${storage.y}`;
  if (task.op === 'linear') {
    const { rows, inner, columns } = task.shape;
    const x = { elements: rows * inner, storage: storage.x };
    const weight = { elements: columns * inner, storage: 'f32' } as const;
    const y = { elements: rows * columns, storage: storage.y };
    const [left, right, result] = {
      forward: [x, weight, y] as const,
      input: [y, weight, x] as const,
      weight: [y, x, weight] as const,
    }[task.pass];
    const entrants = matmulCandidates(target, task.pass, task.shape).map((variant) => ({
      name: variantName(variant),
      steps: [[taskKernel(task, variant), 'left', 'right', 'result']] as const,
    }));
    return { name, details: stored, buffers: { left, right, result }, entrants };
  }
  const { batch, tokens, heads, headSize } = task.shape;
  const rows = batch * heads * tokens;
  const y = { elements: rows * headSize, storage: storage.y };
  const qkv = { elements: 3 * y.elements, storage: storage.x };
  const perRow = { elements: rows, storage: 'f32' } as const;
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
    details: `${task.causal ? ' causal' : ''}${task.training ? ' training' : ''}${stored}`,
    buffers: { qkv, y, dy: y, logSumExp: perRow, dQkv: qkv, delta: perRow },
    entrants: entrants.filter((entrant) => first.get(code(entrant.steps)) === entrant),
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
