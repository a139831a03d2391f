import { controlOf } from './control';
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
      problems.push(`${infoOf(key).label}: ${refusal(key, (value as Record<string, unknown>)[key])}`);
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

/** Longest value that is repeated to the user. */
const maxQuoted = 40;

/** Why a value was not taken: what it is, as far as it is short and plain, and what it may be. */
function refusal(key: RecipeKey, value: unknown): string {
  const plain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
  const quoted = plain && String(value).length <= maxQuoted ? `“${String(value)}”` : 'the value';
  const control = controlOf(key);
  const range = 'min' in control ? ` (from ${control.min} to ${control.max})` : '';
  return `${quoted} is not valid${range} and was left out.`;
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
