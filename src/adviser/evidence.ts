import type { Evaluation } from '../protocol/training';
import type { RunEvent } from '../protocol/run-events';
import type { Recipe } from '../recipe/schema';
import type { Metrics } from '../tasks/metrics';

/** What is known of a run's data while it is stored as the run saw it. */
export interface DataEvidence {
  /** Training samples of each class; null where no classes are told apart. */
  readonly classes: readonly number[] | null;
  /** Validation and test pictures that belong to a group (a subject, a book) of which there are training pictures. */
  readonly leaked: number;
  /** Validation and test pictures that look like a training picture; null while nobody has looked. */
  readonly copies: readonly string[] | null;
}

/** All that the adviser looks at: curves and facts as a run keeps them. Nothing is asked of storage or of the device. */
export interface Evidence {
  readonly recipe: Recipe;
  /** Of each step, in order; not finite where it was not. */
  readonly loss: ArrayLike<number>;
  readonly gradNorm: ArrayLike<number>;
  /** The temperature of the loss at each step; empty where there is none. */
  readonly logitScale: ArrayLike<number>;
  /** The newest value of what else the task tells of each step, by name. */
  readonly latest: Metrics;
  /** What came between, in its order. */
  readonly events: readonly RunEvent[];
  readonly baseline: Metrics | null;
  readonly evaluations: readonly Pick<Evaluation, 'step' | 'metrics' | 'change'>[];
  /** Pictures by split. */
  readonly train: number;
  readonly validation: number;
  readonly test: number;
  /** Samples of a batch as it was trained with. */
  readonly batchSize: number;
  readonly totalSteps: number;
  /** The recipe changes most of the model in large steps; not known where the model is not open. */
  readonly forgets: boolean;
  /** Whether the run came to its end, or was stopped. */
  readonly over: boolean;
  /** Whether the weights that it keeps were measured on its test pictures; null where it keeps none of its own. */
  readonly tested: boolean | null;
  /** Null where it is not known. */
  readonly data: DataEvidence | null;
}
