import type { Recipe } from '../../recipe/schema';
import type { WeightSet } from '../../runs/weight-set';
import type { Metrics } from '../../tasks/metrics';
import type { DatasetView } from '../data/dataset-view';
import type { UseEncoder } from '../features/encoder-pool';
import type { FeatureIndex } from '../features/feature-index';
import type { PixelReader } from '../features/samples';
import type { Scale } from '../../runs/types';
import type { ModelHandle } from '../model-handle';
import type { Measured, MeasuredSample } from './measured';

/** A set of weights that is measured, and what was computed with it. */
export interface MeasuredWeights {
  readonly model: ModelHandle;
  readonly set: WeightSet;
  readonly features: FeatureIndex;
  readonly pixels: PixelReader;
  readonly use: UseEncoder;
}

export interface ReportOptions {
  readonly view: DatasetView;
  /** The pictures to measure on, as indices into the view; at least one. */
  readonly images: readonly number[];
  readonly base: MeasuredWeights;
  /** Null where the base model stands alone. */
  readonly tuned: MeasuredWeights | null;
  /** Of the run that made the tuned weights; else the one in use. */
  readonly recipe: Pick<Recipe, 'task'>;
  /** The classes that the tuned weights tell apart; null for tasks without. */
  readonly labels: readonly string[] | null;
  /** What the numbers that it gives are measured by; null for tasks without. */
  readonly scales: readonly Scale[] | null;
  /** What was measured at the step whose weights the run kept; nothing where it was not. */
  readonly kept: Metrics;
  readonly signal: AbortSignal;
  /** @param total null when unknown */
  readonly progress: (label: string, done: number, total: number | null) => void;
  /** Awaited now and then; throwing in it ends the work. */
  readonly pause: () => Promise<void>;
}

/** What of a report depends on the task; the rest is made of it (`reported.ts`). */
export interface TaskReport {
  /** What was measured, in the order of places. */
  readonly samples: readonly MeasuredSample[];
  readonly base: Measured;
  /** Null where the base model stands alone. */
  readonly tuned: Measured | null;
  /** Per sample, the number of a group from 0 of those that are no separate evidence; null where each is. */
  readonly tied: Int32Array | null;
  /** Names of the classes, where each sample is wanted to be and said to be of one of these; else null. */
  readonly classes: readonly string[] | null;
  /** What there is to know of the pictures, by names that the task gives. */
  readonly about: Metrics;
  /** What is not numbers, in the form that the task's description says. */
  readonly details: unknown;
}
