import type { Decoding } from '../recipe/decoding';
import type { LabelConvention } from '../recipe/tasks/words';
import type { WeightsRef } from './weights-ref';

/** What a head makes of a sample: how probable each class is, or the numbers that it gives. */
export interface Prediction {
  /** After calibration, the most probable first; empty where numbers are given. */
  readonly classes: readonly {
    readonly label: string;
    readonly probability: number;
    /** Whether it is said of the sample. */
    readonly said: boolean;
    /** From which probability on it is said; null where the most probable is. */
    readonly threshold: number | null;
  }[];
  readonly numbers: readonly {
    readonly name: string;
    readonly value: number;
    /** Standard deviation of its errors on the validation samples; null where it was not measured. */
    readonly error: number | null;
  }[];
}

/** What a model wrote. */
export interface Written {
  readonly text: string;
  /** What each token adds to the text, white space included, and how probable the model found it. */
  readonly tokens: readonly { readonly text: string; readonly probability: number }[];
  /** Whether it came to its end, rather than to the most tokens that were asked for. */
  readonly ended: boolean;
}

/** What is asked of heads, and of models that write. */
export interface AnswerRequests {
  predict: {
    params: {
      /** Of the run, whose head answers; or of its base model, which is asked in words. */
      readonly weights: WeightsRef;
      /** The run that says what is asked. */
      readonly asked: string;
      /** What there is to be read; one of them at least. */
      readonly image: Blob | null;
      readonly words: string | null;
    };
    result: Prediction;
  };
  /** Writes a caption for a picture, or the answer to a question about it. What is written so far comes as the label of progress. */
  write: {
    params: {
      readonly weights: WeightsRef;
      readonly image: Blob;
      /** Null for a caption. */
      readonly question: string | null;
      /** Words that the text begins with; they are given, and no part of what is written. */
      readonly prompt: string;
      /** How the model was taught to begin. */
      readonly labels: LabelConvention;
      readonly decoding: Decoding;
    };
    result: Written;
  };
}
