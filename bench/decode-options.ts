import type { StepBackend } from './step-options';

/** What `npm run bench -- decode` measures: texts of so many tokens for so many pictures. */
export interface DecodeOptions {
  readonly model: DecodeModel;
  readonly pictures: number;
  readonly beams: number;
  readonly tokens: number;
  readonly backend: StepBackend;
}

export type DecodeModel = 'small' | 'base';

export interface DecodeResult extends DecodeOptions {
  readonly adapter: string;
  /** Milliseconds for all texts, over kept keys and values and reading all tokens anew for each: the shortest after a first time. */
  readonly keptMs: number;
  readonly anewMs: number;
  /** Anew ÷ kept. */
  readonly ratio: number;
  /** Bytes of the states. */
  readonly stateBytes: number;
}
