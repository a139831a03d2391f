import type { ExecutorKind } from '../engine/executor';
import type { MemoryEstimate } from '../model/memory';
import type { Remedy } from '../recipe/remedies';
import type { Recipe } from '../recipe/schema';
import type { RunTiming } from './run-timing';

/** What the memory of a run depends on besides its model and recipe. */
export interface RunCounts {
  /** What computes, and whether it can train in mixed precision. */
  readonly kind: ExecutorKind;
  readonly mixedPrecision: boolean;
  /** Pairs of a picture and a caption in the training split. */
  readonly trainPairs: number;
  /** Pictures of the training and of the validation split, and captions of both. */
  readonly trainImages: number;
  readonly validationImages: number;
  readonly texts: number;
  readonly evaluated: boolean;
}

/** A run that cannot fit. */
export interface MemoryShortage {
  /** What needs how much, and how much there is; a sentence. */
  readonly message: string;
  readonly remedies: readonly Remedy[];
}

/** What is asked of a run before it begins. */
export interface RunNeedsRequests {
  /** What a run would take up, by purpose, and what keeps it from fitting. */
  estimateMemory: {
    params: {
      readonly model: string;
      readonly recipe: Recipe;
      readonly counts: RunCounts;
      /** Bytes of the largest tensor that the GPU takes; null without one. */
      readonly largestTensor: number | null;
    };
    result: {
      /** Null where nothing is trained. */
      readonly estimate: MemoryEstimate | null;
      /** Null where nothing is known to keep it from fitting. */
      readonly shortage: MemoryShortage | null;
    };
  };
  /** What the parts of a run would take on this machine, by a few steps of it; known at once where the same was timed before. A run ends it. */
  timeRun: {
    params: { readonly recipe: Recipe; readonly datasetId: string };
    result: RunTiming;
  };
}
