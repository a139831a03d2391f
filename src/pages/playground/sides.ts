import type { Run } from '../../runs/types';
import { weightsKey, weightsOf } from '../../stores/chosenWeights';
import type { WeightsRef } from '../../protocol/weights-ref';

/** One of the models that answer side by side. */
export interface Side {
  readonly id: 'base' | 'tuned';
  readonly title: string;
  readonly weights: WeightsRef;
  /** The same for the same weights. */
  readonly key: string;
}

/** The base model, and beside it the run, where one is chosen. */
export function sidesOf(run: Run | null, model: string): readonly Side[] {
  const start = run?.recipe.model ?? model;
  const base: Side = { id: 'base', title: 'Base model', weights: weightsOf(null, start), key: weightsKey(null, start) };
  if (run === null) return [base];
  return [base, { id: 'tuned', title: run.name, weights: weightsOf(run, model), key: weightsKey(run, model) }];
}
