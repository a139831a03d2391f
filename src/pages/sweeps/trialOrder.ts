import type { RecipeKey } from '../../recipe/fields';
import { reached } from '../../sweeps/course';
import type { Sweep, Trial, Value } from '../../sweeps/types';

/** What trials are sorted by: the order in which they began, a field, the score, or the time. */
export interface TrialOrder {
  readonly by: 'trial' | 'score' | 'time' | RecipeKey;
  readonly descending: boolean;
}

/** Trials with their numbers in the order that is asked for; those without a value to sort by come last either way. */
export function sortedTrials(
  { trials }: Pick<Sweep, 'trials'>,
  { by, descending }: TrialOrder,
): readonly { readonly trial: Trial; readonly number: number }[] {
  const rows = trials.map((trial, number) => ({ trial, number, key: keyOf(trial, number, by) }));
  return rows.sort((one, other) => {
    if (one.key === null || other.key === null) return Number(one.key === null) - Number(other.key === null);
    const order = compare(one.key, other.key);
    return descending ? -order : order;
  });
}

function keyOf(trial: Trial, number: number, by: TrialOrder['by']): Value | null {
  if (by === 'trial') return number;
  if (by === 'score') return reached(trial);
  return by === 'time' ? trial.seconds : (trial.values[by] ?? null);
}

function compare(a: Value, b: Value): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b), 'en');
}
