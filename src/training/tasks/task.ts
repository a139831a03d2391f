import type { InputData, StepReading } from '../../engine/executor';
import type { TrainingProgram } from '../../engine/graph/differentiate';
import type { TaskDescription } from '../../tasks/description';
import type { MetricChanges, Metrics } from '../../tasks/metrics';

/**
 * What a model is taught: a head, a loss, the inputs of a batch, and how progress is measured and shown. The loop (`session.ts`) knows nothing
 * more of a task than this, so that a new task leaves the loop as it is.
 */
export interface TrainingTask {
  readonly description: TaskDescription;
  /**
   * The step: forward to the loss and backward to what is trained. Batch inputs match its graph, or are the plan's number of micro-batches
   * as long.
   */
  readonly program: TrainingProgram;
  /** Ranges that trained tensors are kept in (the logit scale), by checkpoint name. */
  readonly clamp: Readonly<Record<string, readonly [min: number, max: number]>>;
  /** Checkpoint names of the tensors that training changes. */
  readonly trainable: readonly string[];
  /** The batches of an epoch (from 0), as the task's own sample numbers; the same for the same epoch. */
  batches(epoch: number): readonly (readonly number[])[];
  /** Inputs of a batch; called one batch ahead. */
  inputs(batch: readonly number[], epoch: number): Promise<BatchInputs>;
  /** What the task describes of each step (`stepMetrics`); called with the readings in order, a few at a time. */
  stepMetrics(readings: readonly StepReading[]): Promise<readonly Metrics[]>;
  /** How many outputs of frozen layers are there, while an epoch (from 0) has to compute such as it starts from; null where none has to be. */
  frozenWork(epoch: number): TaskWork | null;
  /**
   * Measures the weights as they are now; null where there is nothing to measure on. The first call sees the base model.
   *
   * @param between called between parts of the work, where it can be told with how much is done
   */
  evaluate(between: (work?: TaskWork) => Promise<void>): Promise<TaskEvaluation | null>;
  dispose(): void;
}

/** How far a part of the work is. */
export interface TaskWork {
  readonly done: number;
  readonly total: number;
  /** What is counted, for people. */
  readonly of: 'pictures' | 'captions' | 'views';
}

/** A batch as the step takes it. */
export interface BatchInputs {
  readonly data: InputData;
  /** True where a loss of exactly zero is what the batch should give, since there is nothing in it to tell apart. */
  readonly trivial: boolean;
}

export interface TaskEvaluation {
  readonly metrics: Metrics;
  /** Against the base model (the first evaluation); null in that one, and where there are too few pictures to tell. */
  readonly change: MetricChanges | null;
  /** Predictions of the base model beside those of now, in the form that the task's description says. */
  readonly predictions: unknown;
}
