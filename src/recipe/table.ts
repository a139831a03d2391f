import { infoOf, isRelevant, showValue } from './describe';
import { recipeKeys, type RecipeKey } from './fields';
import type { Recipe } from './schema';

/** A field in which some recipes differ, with what each has for it, in words; `–` where it has no effect. */
export interface DifferingField {
  readonly key: RecipeKey;
  readonly label: string;
  readonly values: readonly string[];
}

/** The fields in which not all recipes are alike, in the order of forms. */
export function differingFields(recipes: readonly Recipe[]): readonly DifferingField[] {
  return recipeKeys.flatMap((key): readonly DifferingField[] => {
    const values = recipes.map((recipe) => (isRelevant(key, recipe) ? showValue(key, recipe) : '–'));
    if (new Set(values).size < 2) return [];
    const owner = recipes.find((recipe) => isRelevant(key, recipe));
    return [{ key, label: infoOf(key, owner).label, values }];
  });
}
