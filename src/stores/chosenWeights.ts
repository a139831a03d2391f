import { create } from 'zustand';
import type { Run } from '../runs/types';
import type { WeightsRef } from '../protocol/weights-ref';

interface ChosenWeights {
  /** A run's id, or `base` for the base model; null: the newest run with weights, else the base model. */
  readonly choice: string | null;
  readonly choose: (choice: string | null) => void;
}

/** Which weights Evaluate, Playground and Export are about; chosen once for all of them. */
export const useChosenWeights = create<ChosenWeights>()((set) => ({
  choice: null,
  choose: (choice) => set({ choice }),
}));

/**
 * Whether a run's weights can be used: they are stored, or a full disk left them in the worker's memory. Those of a run in progress still change.
 *
 * @param unstored runs whose weights are in memory alone, by id
 */
export function hasWeights({ id, weightsStep, state }: Run, unstored: Pick<ReadonlySet<string>, 'has'>): boolean {
  return state !== 'running' && (weightsStep !== null || unstored.has(id));
}

/** Runs whose weights can be used, newest first. */
export function usableRuns(runs: readonly Run[] | null, unstored: Pick<ReadonlySet<string>, 'has'>): readonly Run[] {
  return (runs ?? []).filter((run) => hasWeights(run, unstored));
}

/** The run that a choice means; null for the base model. A choice that has gone means the newest. */
export function chosenRun(choice: string | null, runs: readonly Run[]): Run | null {
  if (choice === 'base') return null;
  return runs.find(({ id }) => id === choice) ?? runs[0] ?? null;
}

/** How the worker is asked for a run's weights, or with null for the base model's. */
export function weightsOf(run: Run | null, model: string): WeightsRef {
  return run === null ? { kind: 'base', model } : { kind: 'run', runId: run.id };
}

/** A key that is the same for the same weights. A run that goes on after a crash keeps its id and changes its step. */
export function weightsKey(run: Run | null, model: string): string {
  return run === null ? `base ${model}` : `run ${run.id} ${run.weightsStep ?? 0}`;
}
