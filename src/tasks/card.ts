import type { Example } from './example';
import type { MetricChanges, Metrics } from './metrics';

/** What the model card of an export, and the report of a run, say of a task and of what was measured. */
export interface TaskCard {
  /** The Hub's name for what the model does. */
  readonly pipelineTag: string;
  readonly tags: readonly string[];
  /** The results that the Hub lists on a model's page. */
  readonly listed: {
    readonly taskType: string;
    /** Hub names of the kinds of metrics. */
    readonly types: readonly string[];
    readonly metrics: readonly { readonly type: string; readonly label: string; readonly name: string }[];
  };
  /** Rows of the table of results. */
  readonly rows: (metrics: Metrics) => readonly CardRow[];
  /** What was measured, as a sentence. */
  readonly measured: (split: string, metrics: Metrics) => string;
  /** What of the pictures training knows from elsewhere, as a sentence; empty where there is nothing to say. */
  readonly known: (about: Metrics, pictures: number) => string;
  /** What was resampled for intervals, and whose changes are in points. */
  readonly resampled: (groups: number) => string;
  readonly inPoints: string;
  /** What its numbers may not be taken for, as an item of the list of limits. */
  readonly limit: string;
  /** What the model was trained with, in words: `image–caption pairs`. */
  readonly trainedWith: string;
  /** Metrics in the form of `training.json`. */
  readonly recorded: (metrics: Metrics) => object;
  /** Intervals in the form of `training.json`. */
  readonly recordedChange: (change: MetricChanges) => object;
  /** The predictions that a run keeps, sample by sample. */
  readonly examples: (predictions: unknown) => readonly Example[];
}

export interface CardRow {
  readonly label: string;
  readonly name: string;
  readonly unit: 'share' | 'number';
  /** Digits behind the decimal point; null: as many as there are. */
  readonly digits: number | null;
  /** Digits of the bounds of its change. */
  readonly boundDigits: number;
}
