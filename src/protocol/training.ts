import type { Changes } from '../tasks/changes';
import type { MetricChanges, Metrics } from '../tasks/metrics';
import type { RunEvent } from './run-events';

/** What the worker says of a run. */

/** One training step as charted. */
export interface StepMetrics {
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  readonly gradNorm: number;
  readonly learningRate: number;
  readonly imagesPerSecond: number;
  /** Seconds of training since the run began, pauses left out. */
  readonly seconds: number;
  /** What only the run's task has, by the names that it describes. */
  readonly extra: Metrics;
}

/** What the weights of a step score on the validation pictures. */
export interface Evaluation {
  readonly step: number;
  /** Seconds of training since the run began, pauses left out. */
  readonly seconds: number;
  readonly metrics: Metrics;
  /** Against the base model; null where there are too few pictures to tell, and in runs of versions that did not compute it. */
  readonly change: MetricChanges | null;
}

/** What a finished run scores on the test pictures of its dataset, which had no part in it. */
export interface TestResult {
  /** Step whose weights were measured. */
  readonly step: number;
  readonly base: Metrics;
  readonly tuned: Metrics;
  readonly change: MetricChanges | null;
  /** What there is to know of the pictures, by names that the task gives. */
  readonly about: Metrics;
  /** What became of the samples, the first of each kind; absent in runs of versions that did not note it, null where nothing was compared. */
  readonly changes?: Changes | null | undefined;
}

export type RunPhase = 'preparing' | 'warming-up' | 'training' | 'evaluating' | 'paused' | 'finishing';

export type TrainingEvent =
  | {
      readonly type: 'phase';
      readonly runId: string;
      readonly phase: RunPhase;
      readonly detail: string;
      readonly fraction: number | null;
    }
  | {
      readonly type: 'plan';
      readonly runId: string;
      readonly totalSteps: number;
      readonly stepsPerEpoch: number;
      readonly batchSize: number;
      readonly evaluateEvery: number;
      readonly notes: readonly string[];
    }
  | {
      readonly type: 'steps';
      readonly runId: string;
      readonly steps: readonly StepMetrics[];
      readonly secondsLeft: number | null;
    }
  | { readonly type: 'baseline'; readonly runId: string; readonly metrics: Metrics }
  | {
      readonly type: 'evaluation';
      readonly runId: string;
      readonly evaluation: Evaluation;
      /** In the form of the task's schema. */
      readonly predictions: unknown;
      readonly best: boolean;
    }
  /** The run goes on after a step: what was said of later ones is said anew. */
  | { readonly type: 'resumed'; readonly runId: string; readonly step: number }
  | {
      readonly type: 'checkpoint';
      readonly runId: string;
      readonly step: number;
      /** For which training stood still, the steps in flight left out. */
      readonly seconds: number;
      /** Why it is not stored, a sentence for the user; null where it is. */
      readonly problem: string | null;
    }
  /** Something came between, see `RunEvent`; `totalSteps` is the length that the run has from then on. */
  | { readonly type: 'happened'; readonly runId: string; readonly event: RunEvent; readonly totalSteps: number }
  /** Why what the run writes down is in memory alone, a sentence for the user; null once all is stored. */
  | { readonly type: 'storage'; readonly runId: string; readonly problem: string | null }
  | {
      readonly type: 'ended';
      readonly runId: string;
      /** `interrupted` comes from the page: the worker died. */
      readonly reason: 'finished' | 'stopped' | 'early-stopping' | 'failed' | 'interrupted';
      readonly message: string;
      readonly bestStep: number | null;
      /** What trained is gone, through no fault of the run: it can go on from its last checkpoint. Absent: no. */
      readonly lost?: boolean;
    };
