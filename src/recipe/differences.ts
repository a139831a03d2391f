import { infoOf, isRelevant, showValue } from './describe';
import { changedKeys } from './presets';
import type { Recipe, RecipeKey } from './schema';

/** One field in which two recipes differ, in words. */
export interface Difference {
  readonly key: RecipeKey;
  /** `Learning rate`. */
  readonly label: string;
  /** `3e-4`. */
  readonly from: string;
  readonly to: string;
}

/** What one would have to change to get from one recipe to the other; fields without effect in both are left out. */
export function differences(from: Recipe, to: Recipe): readonly Difference[] {
  return changedKeys(from, to)
    .filter((key) => isRelevant(key, from) || isRelevant(key, to))
    .map((key) => ({ key, label: infoOf(key).label, from: showValue(key, from), to: showValue(key, to) }));
}
