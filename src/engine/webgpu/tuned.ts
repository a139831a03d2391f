import type { Graph } from '../graph/ir';
import { chosenName, tuneKernels, tuningTasks, type TuningOptions } from '../tuner';
import { testKernels, type WebGpuExecutor } from './executor';

/**
 * An executor on the device of the given one (`withKernels`), with the kernels that are fastest for the training step of a graph and passed the self-test; null
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
  const { choice: sound, report } = await testKernels(context, choice, tasks);
  await remember(sound);
  return executor.withKernels(sound, report);
}
