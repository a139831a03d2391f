import { restoreRecipe } from './migrate';
import { nearestPreset } from './presets';
import { defaultRecipe } from './fields';
import type { OpenedLink } from './link';
import { isFields } from './versions';

/**
 * Recipes in files: `run.json` of a saved run and `training.json` of an exported model, which hold one among much else, or a recipe alone. All of
 * them say by which version it was written.
 */

/** Most letters of such a file: a run of a hundred thousand steps stays below. */
const maxCharacters = 50_000_000;

/** A file that holds no recipe; the message is for the user. */
export class RecipeFileError extends Error {
  override readonly name = 'RecipeFileError';
}

/**
 * Reads the recipe in a file. Fields that are unknown or out of range are reported and take their default.
 *
 * @param name of the file, for messages
 * @throws RecipeFileError when there is no recipe in it
 */
export function recipeInFile(name: string, text: string): OpenedLink {
  const found = parsed(name, text);
  const inner = isFields(found) ? (found['recipe'] ?? found) : found;
  if (!isFields(inner) || typeof inner['version'] !== 'number') {
    throw new RecipeFileError(
      `“${name}” holds no recipe. Choose the run.json of a saved run, or the training.json of an exported model.`,
    );
  }
  const { recipe, problems } = restoreRecipe(inner, defaultRecipe);
  return { preset: nearestPreset(recipe).preset.id, recipe, problems };
}

function parsed(name: string, text: string): unknown {
  if (text.length > maxCharacters) throw new RecipeFileError(`“${name}” is larger than any file with a recipe.`);
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new RecipeFileError(`“${name}” is no JSON file, or a part of it is missing.`, { cause });
  }
}
