import { z } from 'zod';
import { controlOf } from './control';
import { infoOf } from './describe';
import {
  defaultRecipe,
  fieldOf,
  hasField,
  isPart,
  recipeKeys,
  schemaOf,
  typesFor,
  withFields,
  type RecipeChange,
  type RecipeKey,
} from './fields';
import type { Recipe } from './schema';
import { isFields, upgraded, type Fields, type Migration } from './versions';

/**
 * Version 2 leaves it to the data what decides which weights are best. Links of version 1 left it out where it was Recall@1, and go on to mean that.
 * They alone say that they are of version 1; recipes that lie elsewhere are whole.
 */
function recallChose(fields: Fields): Fields {
  return fields['version'] === 1 ? { selectionMetric: 'recall@1', ...fields } : fields;
}

/**
 * Version 3 puts the fields of the task and of the method into parts of their own. Before, there was one of each. A recipe that has its parts
 * already, though it does not say its version, stays as it is.
 */
function parted(fields: Fields): Fields {
  if (isFields(fields['task']) || isFields(fields['method'])) return fields;
  const { freeze, lastBlocks, trainableGroups, labelSmoothing, maxLogitScale, selectionMetric, ...common } = fields;
  return {
    ...common,
    task: given({ type: 'contrastive', labelSmoothing, maxLogitScale, selectionMetric }),
    method: given({ type: 'fine-tuning', freeze, lastBlocks, trainableGroups }),
  };
}

/** Version 4 calls the task of classes by what it teaches alone, since it may be taught from words too. Links give tasks by their name alone. */
function renamed(fields: Fields): Fields {
  const { task } = fields;
  if (task === 'image-classification') return { ...fields, task: 'classification' };
  const whole = isFields(task) && task['type'] === 'image-classification';
  return whole ? { ...fields, task: { ...task, type: 'classification' } } : fields;
}

/** Version 5 may carry changes on the way, which an earlier studio would leave out: it is not to take such a recipe for the whole. */
function unchanging(fields: Fields): Fields {
  return fields;
}

/** Without fields that have no value: those that a record did not have. */
function given(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Brings recipes of earlier versions up to date, wherever they lie: in the working recipe, in runs, in links. */
const migrations: readonly Migration[] = [recallChose, parted, renamed, unchanging];

/** The version of recipes written today; links carry it in their address, all others as a field. */
export const recipeVersion = migrations.length + 1;

/** A recipe as it is to be stored. */
export function versionedRecipe<T extends Partial<Recipe>>(recipe: T): T & { readonly version: number } {
  return { ...recipe, version: recipeVersion };
}

/** A recipe made of foreign data, and what of that data was not taken. */
export interface RestoredRecipe {
  readonly recipe: Recipe;
  /** Sentences for the user. */
  readonly problems: readonly string[];
}

/** At most so many unknown names are spelled out; a hostile source cannot flood the page. */
const maxNamed = 5;

/**
 * The one way in for recipes from outside that are to be trained with: storage, links, files. They are brought up to date, and every field is
 * validated on its own; what is missing, unknown or out of range takes the value of `base`, and the latter two are reported. Never throws.
 */
export function restoreRecipe(value: unknown, base: Recipe = defaultRecipe, chain = migrations): RestoredRecipe {
  return restore(value, base, chain, (key, found) => ({
    problem: `${infoOf(key).label}: ${quoted(found)} is not valid${rangeOf(key)} and was left out.`,
  }));
}

/**
 * The recipe of a run, which is history: a number that today's studio would not take any more is kept as it was, so that the run is told as it
 * happened. Everything else is as in `restoreRecipe`, which such a recipe passes before it is trained with again.
 */
export function recordedRecipe(value: unknown, chain = migrations): RestoredRecipe {
  return restore(value, defaultRecipe, chain, (key, found) => {
    const asItWas =
      typeof found === 'number' && Number.isFinite(found) && typeof fieldOf(defaultRecipe, key) === 'number';
    return asItWas || (key === 'model' && typeof found === 'string')
      ? {
          kept: found,
          problem: `${infoOf(key).label}: ${quoted(found)} is none that recipes take today${rangeOf(key)}.`,
        }
      : {
          problem: `${infoOf(key).label}: ${quoted(found)} is not known any more; ${quoted(fieldOf(defaultRecipe, key))} is shown instead.`,
        };
  });
}

/** What becomes of a value that does not fit the schema of today. */
interface Misfit {
  readonly kept?: string | number;
  readonly problem: string;
}

function restore(
  value: unknown,
  base: Recipe,
  chain: readonly Migration[],
  misfit: (key: RecipeKey, found: unknown) => Misfit,
): RestoredRecipe {
  if (!isFields(value)) return { recipe: base, problems: value === undefined ? [] : ['This is no recipe.'] };
  const problems: string[] = [];
  let fields: Fields = value;
  try {
    fields = upgraded(value, chain);
  } catch {
    problems.push('This recipe is damaged and could not be brought up to date.');
  }
  const flat = flattened(fields);
  const types: RecipeChange = {};
  const taken: RecipeChange = {};
  const take = (key: RecipeKey, into: RecipeChange, schema: z.ZodType): void => {
    if (!Object.hasOwn(flat, key)) return;
    const parsed = schema.safeParse(flat[key]);
    if (parsed.success && parsed.data !== undefined) {
      Object.assign(into, { [key]: parsed.data });
      return;
    }
    const { kept, problem } = misfit(key, flat[key]);
    if (kept !== undefined) Object.assign(into, { [key]: kept });
    problems.push(problem);
  };
  for (const key of recipeKeys.filter(isPart)) take(key, types, z.enum(typesFor(key)));
  const begun = withFields(base, types);
  const keys = recipeKeys.filter((key) => hasField(key, begun));
  for (const key of keys) if (!isPart(key)) take(key, taken, schemaOf(key, begun));
  const unknown = Object.keys(flat).filter((key) => key !== 'version' && !keys.includes(key as RecipeKey));
  if (unknown.length > 0) {
    const named = unknown.slice(0, maxNamed).map((name) => `“${name.slice(0, 40)}”`);
    const more = unknown.length > maxNamed ? ` and ${unknown.length - maxNamed} more` : '';
    problems.push(`Unknown and left out: ${named.join(', ')}${more}.`);
  }
  return { recipe: normalize(withFields(begun, taken)), problems };
}

/** The fields of the parts beside those of the recipe itself; what is no part stays as the value of its name, which no type of a part is. */
function flattened(fields: Fields): Fields {
  const flat: Record<string, unknown> = {};
  // Defined, not assigned: a record may call a field of its own what an object has by nature.
  const put = (key: string, value: unknown): void => {
    Object.defineProperty(flat, key, { value, enumerable: true, configurable: true });
  };
  for (const [key, value] of Object.entries(fields)) {
    if (!isPart(key) || !isFields(value)) {
      put(key, value);
      continue;
    }
    for (const [name, inner] of Object.entries(value)) put(name === 'type' ? key : name, inner);
  }
  return flat;
}

/** Longest value that is repeated to the user. */
const maxQuoted = 40;

/** A value, as far as it is short and plain. */
function quoted(value: unknown): string {
  const plain = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'string';
  return plain && String(value).length <= maxQuoted ? `“${String(value)}”` : 'the value';
}

/** What a field may be, where it is a number. */
function rangeOf(key: RecipeKey): string {
  const control = controlOf(key);
  return 'min' in control ? ` (from ${control.min} to ${control.max})` : '';
}

/** Lists of layers without repeats and without leading zeros in numbers, in alphabetical order with numbers by their value. */
function normalize(recipe: Recipe): Recipe {
  const listed = fieldOf(recipe, 'trainableGroups');
  if (listed === undefined) return recipe;
  const ids = listed.map((id) => id.replace(/\.0(\d)$/, '.$1'));
  return withFields(recipe, { trainableGroups: [...new Set(ids)].sort(byName.compare) });
}

const byName = new Intl.Collator('en', { numeric: true });
