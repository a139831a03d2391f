import type { Precision } from '../executor';
import type { Graph } from '../graph/ir';
import { kernelNames, type KernelNames } from '../kernel-names';
import type { SelfTestReport } from '../self-test';
import { testHalfPrecision } from '../self-test-half';
import { tuneKernels, type TuningOptions } from '../tuner';
import { isLongAttention, usedAttention } from '../ops/attention/tuning';
import { usedProducts } from '../ops/linear/tuning';
import type { TuningTask } from '../ops/tuning';
import { tuningTasks } from '../tuning-tasks';
import { testKernels, type WebGpuExecutor } from './executor';
import { runKernels } from './kernel-run';
import type { KernelChoice } from '../kernel-choice';

/**
 * The kernels of a run: timed, or taken as pinned, then tested, and named for the run's record. A kernel that fails its test on this adapter
 * never trains.
 */

export interface TunedOptions extends TuningOptions {
  /** What the step is to be trained in. Kernels are timed and tested with f16 storage only where it is mixed. */
  readonly precision: Precision;
}

/** An executor for a run, and what is to be known of its kernels. */
export interface Tuned {
  readonly executor: WebGpuExecutor;
  /** What the self-test found; null where the kernels are those of the given executor, which were tested before. */
  readonly report: SelfTestReport | null;
  /** The kernels that are used, as a run's record names them. */
  readonly kernels: KernelNames;
  /** Pinned kernels that could not be followed, for people. */
  readonly notes: readonly string[];
}

/**
 * An executor on the device of the given one (`withKernels`), with the kernels that are fastest for the training step of a graph, or those that
 * are pinned, as far as they passed the self-test; the given one where it has these already. Where they fail with f16 storage, it cannot train in mixed
 * precision.
 */
export async function tunedExecutor(
  executor: WebGpuExecutor,
  graph: Graph,
  { precision, ...options }: TunedOptions,
): Promise<Tuned> {
  const { engine, context } = executor;
  const mixed = precision === 'mixed' && executor.mixedPrecision;
  const tasks = tuningTasks(graph, true, mixed ? 'mixed' : 'float32');
  const tuning = await tuneKernels(engine, tasks, { pipelines: context.cache, memory: context.memory, ...options });
  const names = (choice: KernelChoice): string => JSON.stringify(kernelNames(choice, tasks));
  const same =
    names(tuning.choice) === names(context.choice) && !tasks.some((task) => isLongAttention(tuning.choice, task));
  // Pinned kernels are all checked: which of them are used must not depend on the time that takes.
  const patience = options.pinned === undefined ? {} : { budget: Infinity };
  const tested = same
    ? { choice: context.choice, report: null }
    : await testKernels(context, tuning.choice, tasks, { usual: context.choice, ...patience });
  await tuning.remember(tested.choice);
  const wrong = mixed ? await testHalf(executor, tested.choice, tasks) : [];
  const report = withHalf(tested.report, wrong);
  return {
    executor:
      same && report === null
        ? executor
        : executor.withKernels(tested.choice, report, {
            mixedPrecision: executor.mixedPrecision && wrong.length === 0,
          }),
    report,
    kernels: kernelNames(tested.choice, tasks),
    notes: tuning.notes,
  };
}

function testHalf(
  { context }: WebGpuExecutor,
  choice: KernelChoice,
  tasks: readonly TuningTask[],
): Promise<readonly string[]> {
  const { device, memory, cache, passed } = context;
  return testHalfPrecision(
    (check, results) => runKernels(device, memory, cache, check.data, check.steps, results),
    { linear: usedProducts(choice, tasks), attention: usedAttention(choice, tasks), target: choice.target },
    passed,
  );
}

/** A report with what was found wrong with f16 storage; null where there is nothing to report. */
export function withHalf(report: SelfTestReport | null, wrong: readonly string[]): SelfTestReport | null {
  if (wrong.length === 0) return report;
  const note = `${wrong.join(', ')} gave wrong values with half-precision storage on this adapter; the run is in float32.`;
  return {
    replaced: [...(report?.replaced ?? []), note],
    skipped: report?.skipped ?? [],
    milliseconds: report?.milliseconds ?? 0,
  };
}
