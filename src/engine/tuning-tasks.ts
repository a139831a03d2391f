import type { TuningTarget } from './adapter-class';
import type { Precision } from './executor';
import { halfPrecisionValues } from './graph/half-precision';
import type { Graph } from './graph/ir';
import type { ValueId } from './graph/value';
import type { Contest } from './ops/tunable';
import { nodeTasks, tuningOf, type TuningTask } from './ops/tuning';

/**
 * The choices between kernels that a graph asks for, such as the products of its linear layers, each shape once, and with `training` those of the
 * backward pass; the most work first.
 *
 * @param precision what the graph is computed in
 */
export function tuningTasks(graph: Graph, training: boolean, precision: Precision = 'float32'): readonly TuningTask[] {
  const half = precision === 'mixed' ? halfPrecisionValues(graph) : new Set<ValueId>();
  const context = {
    shapeOf: (id: ValueId) => graph.values[id]?.shape ?? [],
    storageOf: (id: ValueId) => (half.has(id) ? 'f16' : 'f32'),
    training,
  } as const;
  const tasks = new Map<string, TuningTask>();
  for (const task of graph.nodes.flatMap((node) => nodeTasks(node, context))) {
    if (!tasks.has(taskName(task))) tasks.set(taskName(task), task);
  }
  return [...tasks.values()].sort((one, other) => tuningOf(other).work(other) - tuningOf(one).work(one));
}

/** Equal for tasks that share a choice. */
export function taskName(task: TuningTask): string {
  return tuningOf(task).name(task);
}

/** What is timed for a task on an adapter. */
export function contestOf(target: TuningTarget, task: TuningTask): Contest {
  return { name: taskName(task), ...tuningOf(task).contest(target, task) };
}
