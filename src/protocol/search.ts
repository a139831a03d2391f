import type { WeightsRef } from './weights-ref';

export interface SearchHit {
  readonly imageId: string;
  /** Cosine similarity, -1…1. */
  readonly score: number;
}

/** A picture found for words. */
export interface FoundPicture extends SearchHit {
  /** Whether the weights were trained on it: it lay in the training part when their run began. */
  readonly trained: boolean;
}

export interface CaptionHit {
  readonly caption: string;
  readonly score: number;
}

/** What lies nearest to a picture under one set of weights, nearest first. */
export interface Nearest {
  readonly pictures: readonly SearchHit[];
  readonly captions: readonly CaptionHit[];
}

/** Samples that point the same way under some weights. */
export interface SampleGroup {
  /** Keys of their pictures, those in the middle of the group first. */
  readonly imageIds: readonly string[];
  /** Captions of the dataset that lie nearest to its middle. */
  readonly captions: readonly CaptionHit[];
}

/** What is asked of how near pictures and words are to each other. */
export interface SearchRequests {
  searchImages: {
    params: {
      readonly weights: WeightsRef;
      readonly datasetId: string;
      readonly query: string;
      readonly count: number;
    };
    result: readonly FoundPicture[];
  };
  searchCaptions: {
    params: { readonly weights: WeightsRef; readonly datasetId: string; readonly image: Blob; readonly count: number };
    result: readonly CaptionHit[];
  };
  classify: {
    params: {
      readonly weights: WeightsRef;
      readonly image: Blob;
      readonly labels: readonly string[];
      readonly template: string;
    };
    result: readonly { readonly label: string; readonly probability: number }[];
  };
  /** What lies nearest to a picture of the dataset, by base and by tuned features; the picture itself and its own captions among them. */
  neighbours: {
    params: {
      readonly runId: string;
      readonly datasetId: string;
      readonly imageId: string;
      readonly count: number;
    };
    result: { readonly base: Nearest; readonly tuned: Nearest };
  };
  /** Groups among some pictures of a dataset, by the features of the weights; pictures that fit no group are in none. */
  groupSamples: {
    params: { readonly weights: WeightsRef; readonly datasetId: string; readonly imageIds: readonly string[] };
    result: readonly SampleGroup[];
  };
}
