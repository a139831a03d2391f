import type { InputData } from '../../../engine/executor';
import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ValueId } from '../../../engine/graph/value';
import type { Scale } from '../../../runs/types';
import type { TaskDescription } from '../../../tasks/description';
import type { Metrics } from '../../../tasks/metrics';
import type { OwnValues } from '../../features/weight-store';
import type { Measured } from '../measured';
import type { Embedder } from './zero-shot';

/** What some weights make of some samples. */
export interface Judged {
  readonly measured: Measured;
  /** Numbers beside the metrics that were found on these samples, such as a temperature. */
  readonly found: Metrics;
}

/** What a head is taught: what comes out of it, its loss, and how what came out is judged. Samples are known by their places in the view. */
export interface Goal<J extends Judged = Judged> {
  readonly description: TaskDescription;
  /** Names of what comes out: classes, or columns of numbers. */
  readonly labels: readonly string[];
  readonly scales: readonly Scale[] | null;
  /** Numbers that come out of the head for each sample. */
  readonly outputs: number;
  readonly ordered: boolean;
  /** Tensors that the loss reads and nothing trains. */
  readonly constants: readonly OwnValues[];
  /** What the bias of the last layer begins with; null: zeros. */
  readonly bias: Float32Array | null;
  /** What a batch holds in the shares of all, per sample of the view; null where batches are drawn from all alike. */
  readonly strata: readonly number[] | null;
  /** Whether there is nothing to tell apart. */
  readonly trivial: boolean;
  /** Adds the loss over what comes out, `[batch, outputs]`. */
  addLoss(builder: GraphBuilder, logits: ValueId, batch: number): ValueId;
  /** What is wanted of the samples of a batch, one a row; null for padding. */
  targets(samples: readonly (number | null)[]): InputData;
  /** What a linear last layer may begin from: logits of the base model; null where it knows nothing. */
  startFrom(embedder: Embedder, samples: readonly number[]): Promise<Float32Array | null>;
  /** What is known before any training. */
  base(embedder: Embedder, samples: readonly number[]): Promise<J>;
  /** @param logits `[samples, outputs]` */
  judge(logits: Float32Array, samples: readonly number[]): J;
  /** Places among the samples that are worth watching. */
  shown(base: J): readonly number[];
  /** What a run shows of these places. */
  predictions(shown: readonly number[], samples: readonly number[], base: J, now: J): unknown;
}
