import { infoOf, isRelevant, showValue } from './describe';
import { changedKeys } from './presets';
import type { RecipeKey } from './fields';
import type { Recipe } from './schema';

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
    .map((key) => ({ key, label: infoOf(key).label, from: shown(key, from), to: shown(key, to) }));
}

/** A value without effect is none; a list without entries says so itself. */
function shown(key: RecipeKey, recipe: Recipe): string {
  return isRelevant(key, recipe) || key === 'changes' ? showValue(key, recipe) : '–';
}
