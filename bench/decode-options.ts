import type { BlipModelName } from './blip-models';
import type { StepBackend } from './step-options';

/** What `npm run bench -- decode` measures: texts of so many tokens for so many pictures. */
export interface DecodeOptions {
  readonly model: BlipModelName;
  readonly pictures: number;
  readonly beams: number;
  readonly tokens: number;
  readonly backend: StepBackend;
}

export interface DecodeResult extends DecodeOptions {
  readonly adapter: string;
  /** Milliseconds for all texts, over kept keys and values and reading all tokens anew for each: the shortest after a first time. */
  readonly keptMs: number;
  readonly anewMs: number;
  /** Those of `keptMs` in which keys and values of the pictures are made and the first token is read. */
  readonly firstMs: number;
  /** Anew ÷ kept. */
  readonly ratio: number;
  /** The same of the multiply-adds with weights: what would be reached where nothing else took time, and few rows were as fast as many. */
  readonly workRatio: number;
  /** Bytes of the states. */
  readonly stateBytes: number;
}
