import type { ParameterGroup } from '../../engine/executor';
import type { Recipe } from '../../recipe/schema';
import type { NamedTensor } from '../../runs/weight-set';
import type { RunPlan } from '../data/plan';
import type { Device } from '../features/tower';
import type { TrainingTask } from '../tasks/task';
import type { Checkpoints } from './checkpoints';
import type { Recorder } from './recorder';
import type { Reporter } from './reporter';
import type { SessionSnapshot } from './state';

/** What a session trains, on what, and where it writes it down. */
export interface SessionOptions {
  readonly recipe: Recipe;
  readonly plan: RunPlan;
  readonly task: TrainingTask;
  readonly device: Device;
  /** How what is trained is updated. */
  readonly groups: readonly ParameterGroup[];
  readonly recorder: Recorder;
  readonly reporter: Reporter;
  /** Milliseconds, monotonic. */
  readonly now: () => number;
  /** Where to go on; null from the base model. The device holds the weights of the base model in either case. */
  readonly from?: SessionSnapshot | null;
  /** Keeps checkpoints; null keeps none. */
  readonly checkpoints?: Checkpoints | null;
  /** Stops after this step, to go on from there another time; null: it comes to its end. */
  readonly until?: number | null;
  /** The tensors of the given names as the run began with them: where it goes back to if it has no checkpoint. Absent: it cannot. */
  readonly beginning?: (names: readonly string[]) => Iterable<NamedTensor>;
  /** Gives a failure that the user can do something about its advice. */
  readonly explain?: (error: unknown) => unknown;
  /** Whether another session will get over a failure: the run is not ended then. */
  readonly recovers?: (error: unknown) => boolean;
  /** Whether the device is to be left idle part of the time. */
  readonly gentle?: () => boolean;
}
