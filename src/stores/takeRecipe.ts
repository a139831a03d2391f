import { restoreRecipe } from '../recipe/migrate';
import { useModelStore } from './model';
import { useRecipeStore } from './recipe';

/**
 * Makes the recipe of something that was trained the one of the next run, and opens its model. Such a recipe is told as it was; what is trained with
 * next must be what recipes may hold today.
 *
 * @returns what of it could not be taken, in sentences for the user
 */
export function takeRecipe(recorded: unknown): readonly string[] {
  const { recipe, problems } = restoreRecipe(recorded);
  useRecipeStore.getState().replace(recipe);
  void useModelStore.getState().changeTo(recipe.model);
  return problems;
}
