import type { InputData } from '../../engine/executor';
import type { TrainingProgram } from '../../engine/graph/differentiate';
import type { EvaluationMetrics, ProbeRanking } from '../../protocol/protocol';

/**
 * What a model is taught: a head, a loss, the inputs of a batch, and how progress is measured and shown. The loop (`session.ts`) knows nothing
 * more of a task than this, so that a new task leaves the loop as it is.
 */
export interface TrainingTask {
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
  inputs(batch: readonly number[], epoch: number): Promise<InputData>;
  /** False where a loss of exactly zero is what the batch should give, since it compares nothing. */
  comparesAnything(batch: readonly number[]): boolean;
  /** The scale to chart beside the loss. */
  logitScale(): Promise<number>;
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

export interface TaskEvaluation {
  readonly metrics: Omit<EvaluationMetrics, 'step' | 'seconds'>;
  /** Predictions of the base model (the first evaluation) beside those of now. */
  readonly probes: readonly ProbeRanking[];
}
