import { recipeSchema, type Recipe, type RecipeKey } from './schema';

/** Every field of a recipe, in the order of the schema: the canonical order of forms, differences and links. */
export const recipeKeys = Object.keys(recipeSchema.shape) as readonly RecipeKey[];

/** The recipe with every field at its default. */
export const defaultRecipe: Recipe = Object.freeze(recipeSchema.parse({}));

/** Recipe values are scalars or lists of names; equal lists hold the same names, in whatever order. */
export function sameValue(a: Recipe[RecipeKey], b: Recipe[RecipeKey]): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    const members = new Set(a);
    return members.size === new Set(b).size && b.every((name) => members.has(name));
  }
  return a === b;
}

/** A copy with one field set. Generic over the key, so that the value's type is checked against its own field. */
export function withField<Key extends RecipeKey>(recipe: Recipe, key: Key, value: Recipe[Key]): Recipe {
  return { ...recipe, [key]: value };
}
