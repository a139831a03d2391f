import type { PicturePart } from '../model/image-processor';
import type { WeightsRef } from './weights-ref';

/** How much a word has to do with a result, in shares of all words. */
export interface WordWeight {
  readonly text: string;
  /** The text was cut before it, so that the model did not read it. */
  readonly cut: boolean;
  readonly rollout: number;
  readonly relevance: number;
  /** Of a word that a model has written: where it looked, by patch, in shares of all patches. */
  readonly over?: readonly number[];
}

/**
 * What a model attends to, in two ways: rollout (Abnar & Zuidema 2020), whatever it is asked; and relevance (Chefer et al. 2021), what speaks for what
 * it was asked for.
 */
export interface AttentionView {
  /** The part of the picture that the model sees, in shares of its width and height. */
  readonly part: PicturePart;
  /** Patches along a side of that part. */
  readonly side: number;
  /** By patch, row by row, in shares of all patches. */
  readonly picture: { readonly rollout: readonly number[]; readonly relevance: readonly number[] };
  /** Null where no words were read. */
  readonly words: readonly WordWeight[] | null;
  /** What relevance explains: a cosine similarity, or the logit of a class; null where written words say for themselves where they looked. */
  readonly score: { readonly kind: 'similarity' | 'logit'; readonly value: number } | null;
}

/** What is asked of where a model looks. */
export interface AttentionRequests {
  /** What a model attends to in a picture, for words or for a class of its own head. */
  attention: {
    params: {
      readonly weights: WeightsRef;
      readonly picture:
        | { readonly kind: 'stored'; readonly id: string }
        /** Equal keys: the same picture. */
        | { readonly kind: 'given'; readonly key: string; readonly blob: Blob };
      readonly of:
        | { readonly kind: 'words'; readonly text: string }
        | { readonly kind: 'label'; readonly label: string }
        /** Words that it has written about the picture, as a caption or in answer to a question. */
        | { readonly kind: 'written'; readonly text: string; readonly question: string | null };
    };
    result: AttentionView;
  };
}
