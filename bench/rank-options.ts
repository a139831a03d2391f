import type { StepBackend } from './step-options';

/** What `npm run bench -- rank` measures: the ranks of so many pictures and captions among each other. */
export interface RankOptions {
  readonly pairs: number;
  readonly width: number;
  readonly backend: StepBackend;
}

export interface RankResult extends RankOptions {
  readonly adapter: string;
  /** Milliseconds on the engine: the first time, with compiling, and the shortest after it. */
  readonly firstMs: number;
  readonly ms: number;
  /** Milliseconds in plain JavaScript. */
  readonly plainMs: number;
  /** Plain ÷ engine. */
  readonly ratio: number;
  /** Ranks that differ, which rounding of scores that are almost equal can explain. */
  readonly different: number;
}
