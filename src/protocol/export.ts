import type { WeightsRef } from './weights-ref';

export interface ExportResult {
  readonly fileName: string;
  readonly zip: Blob;
  /** Largest absolute difference of embeddings between the trained model and the read-back export. */
  readonly maxDifference: number;
  readonly bytes: number;
  /** How many of the model's tensors are in it, and what they are stored as. */
  readonly tensors: number;
  readonly precision: 'float32' | 'float16';
  /** True when every frozen tensor left bit for bit as it came. */
  readonly frozenUnchanged: boolean;
}

/** What is asked of exports. */
export interface ExportRequests {
  exportModel: {
    params: {
      readonly weights: WeightsRef;
      /** Id of an export format, and what is chosen of its options. */
      readonly format: string;
      readonly options: Readonly<Record<string, unknown>>;
      readonly datasetId: string | null;
    };
    result: ExportResult;
  };
}
