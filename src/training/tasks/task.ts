import type { InputData, StepReading } from '../../engine/executor';
import type { TrainingProgram } from '../../engine/graph/differentiate';
import type { ParameterPart } from '../../engine/graph/value';
import type { Recipe } from '../../recipe/schema';
import type { FeatureCache } from '../../storage/feature-cache/feature-cache';
import type { Scale } from '../../runs/types';
import type { TaskDescription } from '../../tasks/description';
import type { MetricChanges, Metrics } from '../../tasks/metrics';
import type { DatasetView } from '../data/dataset-view';
import type { RunPlan } from '../data/plan';
import type { RandomViews } from '../features/augmented-pixels';
import type { PixelReader } from '../features/samples';
import type { Device } from '../features/tower';
import type { TowerSetup } from '../features/tower-setup';
import type { ModelHandle } from '../model-handle';

/**
 * What a model is taught: a head, a loss, the inputs of a batch, and how progress is measured and shown. The loop (`session/`) knows nothing
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
  /** What the user should know of how the data is used. */
  readonly notes: readonly string[];
  /** Names of the classes that a head tells apart, in the order of its outputs; null where there is no such head. */
  readonly labels: readonly string[] | null;
  /** What the numbers that it gives are measured by; absent for tasks that give none. */
  readonly scales?: readonly Scale[] | null;
  /** The tensors that it adds to the model. */
  readonly own: readonly ParameterPart[];
  /** Checkpoint names of the tensors that training changes. */
  readonly trainable: readonly string[];
  /** Checkpoint names of further tensors that change during a run and are no part of its weights. */
  readonly adjusted?: readonly string[];
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

/** What a task of a run is made of. */
export interface TaskOptions {
  readonly model: ModelHandle;
  readonly view: DatasetView;
  readonly recipe: Recipe;
  readonly plan: Pick<RunPlan, 'stepsPerEpoch' | 'batchSize' | 'microBatches'>;
  /** Holds the base weights, and the task's own tensors. */
  readonly device: Device;
  readonly pixels: PixelReader;
  /** Random views of the training pictures; null leaves pictures as they are. */
  readonly augmented: RandomViews | null;
  /** Keeps outputs of frozen layers on disk; null where nothing does. */
  readonly cache: FeatureCache | null;
  /** Bytes of memory for outputs of frozen layers. */
  readonly cacheBudget?: number;
  /** Awaited now and then; throwing in it ends the work. */
  readonly pause?: () => Promise<void>;
}

/** How far a part of the work is. */
export interface TaskWork {
  readonly done: number;
  readonly total: number;
  /** What is counted, for people. */
  readonly of: 'pictures' | 'captions' | 'views' | 'questions';
}

/** The same, for people. */
export function amountOf({ done, total, of }: TaskWork): string {
  return `${done.toLocaleString('en')} of ${total.toLocaleString('en')} ${of}`;
}

/** A batch as the step takes it. */
export interface BatchInputs {
  readonly data: InputData;
  /** True where a loss of exactly zero is what the batch should give, since there is nothing in it to tell apart. */
  readonly trivial: boolean;
}

/** How many outputs of frozen layers of a tower are there; null once all are. */
export function unfinished({ trained }: Pick<TowerSetup, 'trained'>, of: TaskWork['of']): TaskWork | null {
  return trained === null || trained.done >= trained.total ? null : { done: trained.done, total: trained.total, of };
}

/** What there is to say of where outputs of frozen layers are kept. */
export function notesOnKept(towers: readonly Pick<TowerSetup, 'kept'>[]): readonly string[] {
  const places = towers.map(({ kept }) => kept);
  if (places.includes('nowhere')) {
    return ['The outputs of the frozen layers are too large to keep and are computed again in every step.'];
  }
  return places.includes('disk')
    ? ['The outputs of the frozen layers are too large for memory; they are kept on disk.']
    : [];
}

export interface TaskEvaluation {
  readonly metrics: Metrics;
  /** Against the base model (the first evaluation); null in that one, and where there are too few pictures to tell. */
  readonly change: MetricChanges | null;
  /** Predictions of the base model beside those of now, in the form that the task's description says. */
  readonly predictions: unknown;
}
