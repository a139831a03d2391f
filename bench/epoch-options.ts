import type { ModelName } from './models';
import type { StepBackend, TrainMode } from './step-options';

/** What `npm run bench -- epoch` measures: whole epochs of real runs, with all that the worker does besides computing. */
export interface EpochOptions {
  readonly model: ModelName;
  readonly batch: number;
  /** Pairs of a picture and a caption in an epoch. */
  readonly pairs: number;
  readonly backend: StepBackend;
}

export interface EpochFigures {
  /** The first epoch, in which the outputs of frozen layers are computed. */
  readonly firstMs: number;
  /** Median of the epochs after it. */
  readonly ms: number;
  /** CPU time of an epoch after the first over all cores, of all processes involved; null where it cannot be told. */
  readonly cpuMs: number | null;
  /** Time to put the inputs of a step together after the first epoch, with nothing else going on. */
  readonly inputsMs: number;
}

export interface EpochResult {
  readonly adapter: string;
  readonly model: ModelName;
  readonly batch: number;
  readonly pairs: number;
  readonly trained: Readonly<Record<TrainMode, EpochFigures>>;
  /** Full ÷ this, wall and CPU time of an epoch after the first. */
  readonly ratio: Readonly<Record<Exclude<TrainMode, 'full'>, { readonly ms: number; readonly cpuMs: number | null }>>;
}
