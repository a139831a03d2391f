import type { Split } from '../dataset/types';
import type { TaskId } from '../tasks';
import type { Interval, MetricChanges, Metrics } from '../tasks/metrics';
import type { Outcome, OutcomeSample, Turned } from '../tasks/outcomes';

/** One of several runs that were measured on the same samples. */
export interface RunCompared {
  readonly runId: string;
  readonly metrics: Metrics;
  /** 95 % intervals of the metrics, by name; null where there are too few samples to tell. */
  readonly intervals: Readonly<Record<string, Interval>> | null;
  /** Against the first run, by one paired bootstrap over the samples; null for the first itself, and where there are too few. */
  readonly change: MetricChanges | null;
  /** What became of each sample. */
  readonly outcomes: readonly Outcome[];
  /** Fixed and broken against the first run; null for the first itself, and where there is no right and wrong. */
  readonly turned: Turned | null;
}

/** What several runs score on the same pictures, which had no part in any of them. */
export interface RunsCompared {
  readonly task: TaskId;
  readonly split: Split;
  readonly samples: readonly OutcomeSample[];
  /** In the order in which they were asked for. */
  readonly runs: readonly RunCompared[];
}
