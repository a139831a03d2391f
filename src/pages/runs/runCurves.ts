import type { Recipe } from '../../recipe/schema';
import type { Run } from '../../runs/types';
import type { LiveRun } from '../../stores/liveRun';
import type { MetricColumns } from '../../stores/metricColumns';
import type { Evaluation } from '../../protocol/training';
import type { RunEvent } from '../../protocol/run-events';
import { taskOf } from '../../tasks';
import type { TaskDescription } from '../../tasks/description';
import type { Metrics } from '../../tasks/metrics';
import { restoredStep } from './result';

/** All that the charts of a run are drawn from, whether it is in progress or stored. */
export interface RunCurves {
  readonly task: Pick<TaskDescription, 'metrics' | 'stepMetrics' | 'lossOver'>;
  readonly metrics: MetricColumns;
  readonly baseline: Metrics | null;
  readonly evaluations: readonly Evaluation[];
  readonly events: readonly RunEvent[];
  /** Samples of a training batch. */
  readonly batchSize: number;
  /** 0 while unknown. */
  readonly totalSteps: number;
  /** Seconds of training when the run ends, as far as known; of a run in progress a round number, which changes seldom. */
  readonly totalSeconds: number;
  /** The step that the run went back to at its end; null while it goes on, and where the last weights were kept. */
  readonly keptStep: number | null;
}

const tasksOfRuns = new WeakMap<Recipe, RunCurves['task']>();

/** The task with the metrics that a run of the recipe has; one and the same for a recipe. */
function taskOfRun(recipe: Recipe): RunCurves['task'] {
  const known = tasksOfRuns.get(recipe);
  if (known !== undefined) return known;
  const task = taskOf(recipe);
  const ofRun = { ...task, metrics: task.metrics.filter(({ of }) => of?.(recipe) ?? true) };
  tasksOfRuns.set(recipe, ofRun);
  return ofRun;
}

export function curvesOfLive(live: LiveRun): RunCurves {
  const { metrics, recipe, batchSize, baseline, evaluations, events, totalSteps, secondsLeft, end } = live;
  const seconds = metrics.last('seconds') ?? 0;
  return {
    task: taskOfRun(recipe),
    metrics,
    baseline,
    evaluations,
    events,
    // 0 until the worker has planned the run.
    batchSize: batchSize === 0 ? recipe.batchSize : batchSize,
    totalSteps: end === null ? totalSteps : (metrics.last('step') ?? totalSteps),
    totalSeconds: end === null ? roundUp(seconds + (secondsLeft ?? 0)) : seconds,
    keptStep: end === null ? null : restoredStep(live),
  };
}

/** The next number of two digits. */
function roundUp(seconds: number): number {
  if (!(seconds > 0)) return 0;
  const unit = 10 ** (Math.floor(Math.log10(seconds)) - 1);
  return Math.ceil(seconds / unit) * unit;
}

export function curvesOfRecord(run: Run, metrics: MetricColumns): RunCurves {
  return {
    task: taskOfRun(run.recipe),
    metrics,
    baseline: run.baseline,
    evaluations: run.evaluations,
    events: run.events,
    batchSize: run.plan?.batchSize ?? run.recipe.batchSize,
    totalSteps: metrics.last('step') ?? run.stepsDone,
    totalSeconds: metrics.last('seconds') ?? run.seconds,
    keptStep: run.state === 'running' || run.weightsStep === null ? null : restoredStep(run),
  };
}
