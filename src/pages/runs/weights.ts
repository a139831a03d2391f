import type { Run } from '../../runs/types';
import type { WeightsRef } from '../../training/protocol';

/** Runs whose weights can be used, newest first. */
export function usableRuns(runs: readonly Run[] | null): readonly Run[] {
  return (runs ?? []).filter(({ weightsStep }) => weightsStep !== null);
}

export function weightsOfRun(run: Run): WeightsRef {
  return { kind: 'run', runId: run.id };
}

/** A key that is the same for the same weights. */
export function weightsKey(weights: WeightsRef): string {
  return weights.kind === 'base' ? `base:${weights.model}` : `run:${weights.runId}`;
}
