import type { TuningTarget } from '../adapter-class';
import type { TimedBuffers } from '../kernel-timing';
import type { FloatStorage } from '../kernels/storage';
import type { ValueId } from '../graph/value';
import type { RunStep } from '../webgpu/kernel-run';
import type { NodeBase, ShapeOf } from './operation';

/** How the step stores the activations that enter and leave a layer; their gradients are stored alike. */
export interface TaskStorage {
  readonly x: FloatStorage;
  readonly y: FloatStorage;
}

/** What a contest's details say of storage; nothing where all is f32. */
export function storedAs({ x, y }: TaskStorage): string {
  return x === 'f32' && y === 'f32' ? '' : ` ${x} to ${y}`;
}

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

/** What an operation is asked about a graph. */
export interface TuningContext {
  readonly shapeOf: ShapeOf;
  readonly storageOf: (id: ValueId) => FloatStorage;
  /** Whether there is a backward pass. */
  readonly training: boolean;
}

/**
 * An operation with kernels in several variants, of which the fastest is found by timing them. A task is one choice of a variant, as plain data; `op`
 * says whose it is. A choice gives the variant of every task; it is a part of the adapter's `KernelChoice`.
 */
export interface OpTuning<N extends NodeBase, Task, Choice> {
  /** The choices that a node needs. */
  tasks(node: N, context: TuningContext): readonly Task[];
  /** Equal for tasks that share a choice. */
  name(task: Task): string;
  /** Multiplications of a task. */
  work(task: Task): number;
  /** What is timed for a task on an adapter. */
  contest(target: TuningTarget, task: Task): Omit<Contest, 'name'>;
  /** Name of the variant that a choice gives. */
  chosen(choice: Choice, task: Task): string;
  /** The operation's choice: the named variants by task, and the adapter's default for tasks that are not named. */
  choice(target: TuningTarget, names: ReadonlyMap<string, string>): Choice;
}
