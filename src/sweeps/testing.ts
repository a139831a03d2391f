import { defaultRecipe, withFields } from '../recipe/fields';
import type { Sweep, SweepMethod, SweptField, Trial } from './types';

/** Sweeps for tests. */

export const learningRate: SweptField = {
  key: 'learningRate',
  range: { kind: 'between', min: 1e-5, max: 1e-2, scale: 'log', whole: false },
};
export const optimizer: SweptField = { key: 'optimizer', range: { kind: 'choice', values: ['adamw', 'sgd'] } };

export const asha: SweepMethod = { type: 'asha', reduction: 3, rungs: 3 };

/** A sweep over the learning rate, of which more accuracy is better. */
export function sweepOf(change: Partial<Sweep> = {}): Sweep {
  return {
    id: 's',
    name: 'learning rate',
    dataset: { id: 'd', name: 'shoes' },
    recipe: withFields(defaultRecipe, { durationUnit: 'steps', steps: 90, selectionMetric: 'accuracy' }),
    fields: [learningRate],
    method: { type: 'random' },
    budget: { unit: 'runs', amount: 4 },
    objective: 'accuracy',
    stopWeak: false,
    seed: 7,
    createdAt: 1,
    state: 'running',
    message: '',
    measuredBy: 'accuracy',
    trials: [],
    ...change,
  };
}

/** A trial that has come to as many rungs as it has values. */
export function trialOf(state: Trial['state'], ...values: readonly (number | null)[]): Trial {
  const scores = values.map((value, rung) => ({ step: 10 * (rung + 1), value }));
  return { runId: 'r', values: { learningRate: 1e-4 }, state, scores, seconds: 5, message: '' };
}
