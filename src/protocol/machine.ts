import type { ExecutorKind } from '../engine/executor';

/** What the machine offers and what was chosen. */
export interface Capabilities {
  readonly chosen: ExecutorKind;
  /** One plain sentence: what is used and why. */
  readonly verdict: string;
  /** GPU adapter as the browser names it; null without WebGPU. */
  readonly adapter: string | null;
  readonly softwareAdapter: boolean;
  /** Bytes of the largest tensor that the GPU takes; null without one. */
  readonly largestTensor: number | null;
  /** What was chosen can train in mixed precision. */
  readonly mixedPrecision: boolean;
  readonly crossOriginIsolated: boolean;
  readonly threads: number;
  /** Findings of the self-test and short trial that a user may want to read. */
  readonly notes: readonly string[];
}

/** What is asked of the machine. */
export interface MachineRequests {
  probe: { params: { readonly force: ExecutorKind | null }; result: Capabilities };
}
