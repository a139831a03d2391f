import type { Graph } from '../graph/ir';
import { chosenName, tuneKernels, tuningTasks, type TuningOptions } from '../tuner';
import { createWebGpuExecutor, type WebGpuExecutor } from './executor';

/**
 * An executor on the device of the given one, with the kernels that are fastest for the training step of a graph and passed the self-test; null
 * where the given one has these already.
 */
export async function tunedExecutor(
  executor: WebGpuExecutor,
  graph: Graph,
  options: TuningOptions,
): Promise<WebGpuExecutor | null> {
  const { engine, context } = executor;
  const tasks = tuningTasks(graph, true);
  const { choice, remember } = await tuneKernels(engine, tasks, { pipelines: context.cache, ...options });
  if (tasks.every((task) => chosenName(choice, task) === chosenName(context.choice, task))) {
    await remember(context.choice);
    return null;
  }
  const tuned = await createWebGpuExecutor(engine, { choice, tasks });
  await remember(tuned.context.choice);
  return tuned;
}
