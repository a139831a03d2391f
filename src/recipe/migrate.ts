import { defaultRecipe, recipeKeys } from './defaults';
import { infoOf } from './describe';
import { recipeSchema, type Recipe, type RecipeKey } from './schema';
import { parseBlock } from './trainable';

/** A recipe made of foreign data, and what of that data was not taken. */
export interface RestoredRecipe {
  readonly recipe: Recipe;
  /** Sentences for the user. */
  readonly problems: readonly string[];
}

/** At most so many unknown names are spelled out; a hostile source cannot flood the page. */
const maxNamed = 5;

/**
 * The one way in for recipes from outside: storage, links, files, runs of older versions. Every field is validated on its own; what is
 * missing, unknown or out of range takes the value of `base`, and the latter two are reported. Never throws.
 */
export function restoreRecipe(value: unknown, base: Recipe = defaultRecipe): RestoredRecipe {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { recipe: base, problems: value === undefined ? [] : ['This is no recipe.'] };
  }
  const problems: string[] = [];
  const taken: Partial<Recipe> = {};
  for (const key of recipeKeys) {
    if (!Object.hasOwn(value, key)) continue;
    const parsed = recipeSchema.shape[key].safeParse((value as Record<string, unknown>)[key]);
    if (parsed.success && parsed.data !== undefined) {
      Object.assign(taken, { [key]: parsed.data });
    } else {
      problems.push(`${infoOf(key).label}: the value is not valid and was left out.`);
    }
  }
  const unknown = Object.keys(value).filter((key) => !recipeKeys.includes(key as RecipeKey));
  if (unknown.length > 0) {
    const named = unknown.slice(0, maxNamed).map((name) => `“${name.slice(0, 40)}”`);
    const more = unknown.length > maxNamed ? ` and ${unknown.length - maxNamed} more` : '';
    problems.push(`Unknown and left out: ${named.join(', ')}${more}.`);
  }
  return { recipe: normalize({ ...base, ...taken }), problems };
}

/** Lists of layers without repeats, blocks without leading zeros, in alphabetical order of ids with blocks by number. */
function normalize(recipe: Recipe): Recipe {
  const ids = recipe.trainableGroups.map((id) => id.replace(/\.0(\d)$/, '.$1'));
  const trainableGroups = [...new Set(ids)].sort(byGroup);
  return { ...recipe, trainableGroups };
}

function byGroup(a: string, b: string): number {
  const [blockA, blockB] = [parseBlock(a), parseBlock(b)];
  if (blockA !== null && blockB !== null && blockA.tower === blockB.tower) return blockA.index - blockB.index;
  return a < b ? -1 : 1;
}
