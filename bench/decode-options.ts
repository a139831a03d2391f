import type { BlipModelName } from './blip-models';
import type { StepBackend } from './step-options';

/** What `npm run bench -- decode` measures: texts of so many tokens for so many pictures. */
export interface DecodeOptions {
  readonly model: BlipModelName;
  readonly pictures: number;
  readonly beams: number;
  readonly tokens: number;
  readonly backend: StepBackend;
  /** Timed runs of either way, by turns. */
  readonly runs: number;
}

export interface DecodeResult extends DecodeOptions {
  readonly adapter: string;
  /** Milliseconds for all texts, over kept keys and values and reading all tokens anew for each: the shortest time. */
  readonly keptMs: number;
  readonly anewMs: number;
  /** The least of the CPU time of all threads alike, which other programs disturb less; null where it cannot be measured. */
  readonly keptCpuMs: number | null;
  readonly anewCpuMs: number | null;
  /** Those of `keptMs` in which keys and values of the pictures are made and the first token is read. */
  readonly firstMs: number;
  /** Anew ÷ kept. */
  readonly ratio: number;
  readonly cpuRatio: number | null;
  /** The same of the multiply-adds with weights: what would be reached where nothing else took time, and few rows were as fast as many. */
  readonly workRatio: number;
  /** Bytes of the states. */
  readonly stateBytes: number;
  /** What one token takes of a graphics device, over kept keys and values; null without one. */
  readonly device: DeviceCalls | null;
}

/** Calls of a device that each take a while, however little there is to compute. */
export interface DeviceCalls {
  readonly dispatches: number;
  readonly submissions: number;
  readonly readbacks: number;
}
