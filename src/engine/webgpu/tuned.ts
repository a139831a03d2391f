import type { Precision } from '../executor';
import type { Graph } from '../graph/ir';
import type { SelfTestReport } from '../self-test';
import { testHalfPrecision, type HalfPrecisionReport } from '../self-test-half';
import { chosenName, tuneKernels, tuningTasks, type TuningOptions, type TuningTask } from '../tuner';
import { isLongAttention, testKernels, usedVariants, type WebGpuExecutor } from './executor';
import { runKernels } from './kernel-run';
import type { KernelChoice } from './lowering';

export interface TunedOptions extends TuningOptions {
  /** What the step is to be trained in. Kernels are tested with f16 storage only where it is mixed. */
  readonly precision: Precision;
}

/**
 * An executor on the device of the given one (`withKernels`), with the kernels that are fastest for the training step of a graph and passed the
 * self-test; null where the given one has these already. Where they fail with f16 storage, it cannot train in mixed precision.
 */
export async function tunedExecutor(
  executor: WebGpuExecutor,
  graph: Graph,
  { precision, ...options }: TunedOptions,
): Promise<WebGpuExecutor | null> {
  const { engine, context } = executor;
  const tasks = tuningTasks(graph, true);
  const { choice, remember } = await tuneKernels(engine, tasks, { pipelines: context.cache, ...options });
  const same = tasks.every((task) => chosenName(choice, task) === chosenName(context.choice, task));
  const tested =
    same && !tasks.some((task) => isLongAttention(choice, task))
      ? { choice: context.choice, report: null }
      : await testKernels(context, choice, tasks);
  await remember(tested.choice);
  const half =
    precision === 'mixed' && executor.mixedPrecision ? await testHalf(executor, tested.choice, tasks) : nothingFound;
  const report = withHalf(tested.report, half);
  if (same && report === null) return null;
  return executor.withKernels(tested.choice, report, {
    mixedPrecision: executor.mixedPrecision && half.wrong.length === 0,
  });
}

const nothingFound: HalfPrecisionReport = { wrong: [], skipped: [] };

function testHalf(
  { context }: WebGpuExecutor,
  choice: KernelChoice,
  tasks: readonly TuningTask[],
): Promise<HalfPrecisionReport> {
  const { device, memory, cache } = context;
  return testHalfPrecision((check, results) => runKernels(device, memory, cache, check.data, check.steps, results), {
    ...usedVariants(choice, tasks),
    target: choice.target,
  });
}

/** A report with what was found about f16 storage; null where there is nothing to report. */
export function withHalf(
  report: SelfTestReport | null,
  { wrong, skipped }: HalfPrecisionReport,
): SelfTestReport | null {
  if (wrong.length === 0 && skipped.length === 0) return report;
  const note = `${wrong.join(', ')} gave wrong values with half-precision storage on this adapter; the run is in float32.`;
  return {
    replaced: [...(report?.replaced ?? []), ...(wrong.length === 0 ? [] : [note])],
    skipped: [...(report?.skipped ?? []), ...skipped.map((what) => `${what} with half-precision storage`)],
    milliseconds: report?.milliseconds ?? 0,
  };
}
