import type { Run } from '../../runs/types';
import type { LiveRun } from '../../stores/liveRun';
import type { MetricColumns } from '../../stores/metricColumns';
import type { EvaluationMetrics, RetrievalMetrics } from '../../training/protocol';

/** All that the charts of a run are drawn from, whether it is in progress or stored. */
export interface RunCurves {
  readonly metrics: MetricColumns;
  readonly baseline: RetrievalMetrics | null;
  readonly evaluations: readonly EvaluationMetrics[];
  /** 0 while unknown. */
  readonly totalSteps: number;
  /** Seconds of training when the run ends, as far as known. */
  readonly totalSeconds: number;
}

export function curvesOfLive({ metrics, baseline, evaluations, totalSteps, secondsLeft, end }: LiveRun): RunCurves {
  const seconds = metrics.last('seconds') ?? 0;
  return {
    metrics,
    baseline,
    evaluations,
    totalSteps: end === null ? totalSteps : (metrics.last('step') ?? totalSteps),
    totalSeconds: seconds + (secondsLeft ?? 0),
  };
}

/** @param metrics null while they are read */
export function curvesOfRecord(run: Run, metrics: MetricColumns): RunCurves {
  return {
    metrics,
    baseline: run.baseline,
    evaluations: run.evaluations,
    totalSteps: metrics.last('step') ?? run.stepsDone,
    totalSeconds: metrics.last('seconds') ?? run.seconds,
  };
}
