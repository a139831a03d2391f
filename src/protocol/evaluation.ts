import type { Split } from '../dataset/types';
import type { Recipe } from '../recipe/schema';
import type { TaskId } from '../tasks';
import type { Interval, MetricChanges, Metrics } from '../tasks/metrics';
import type { Outcomes } from '../tasks/outcomes';
import type { Robustness, Strength } from '../tasks/robustness';
import type { Slices } from '../tasks/slices';
import type { RunsCompared } from './compared';
import type { WeightsRef } from './weights-ref';

export interface EvaluationReport {
  readonly task: TaskId;
  readonly split: Split;
  /** True when the run was made on this dataset as it was before a change, so that these pictures may have been trained on. */
  readonly dataChanged: boolean;
  readonly base: Metrics;
  /** Null when only the base model was evaluated. */
  readonly tuned: Metrics | null;
  /** Null without a tuned model, and where there are too few pictures to tell. */
  readonly change: MetricChanges | null;
  /** 95 % intervals of the metrics themselves, by name; null where there are too few pictures to tell. */
  readonly intervals: {
    readonly base: Readonly<Record<string, Interval>>;
    readonly tuned: Readonly<Record<string, Interval>> | null;
  } | null;
  readonly outcomes: Outcomes;
  /** The same by the columns that cut it. */
  readonly slices: readonly Slices[];
  /** What there is to know of the pictures, by names that the task gives. */
  readonly about: Metrics;
  /** What of it is not numbers, in the form of the task's schema. */
  readonly details: unknown;
}

/** What is asked of how good weights are. */
export interface EvaluationRequests {
  evaluate: {
    params: {
      readonly weights: WeightsRef;
      readonly datasetId: string;
      readonly split: Split;
      /** What the base model alone is measured by; a run has its own. Absent: how pictures and words find each other. */
      readonly recipe?: Pick<Recipe, 'task'>;
    };
    result: EvaluationReport;
  };
  /** What the same measures when pictures or words are spoiled. */
  robustness: {
    params: EvaluationRequests['evaluate']['params'] & { readonly strength: Strength };
    result: Robustness;
  };
  /** What runs score on the same pictures of their data, each against the first. */
  compareRuns: {
    params: { readonly runIds: readonly string[]; readonly split: Split };
    result: RunsCompared;
  };
}
