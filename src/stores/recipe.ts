import { create } from 'zustand';
import {
  fieldOf,
  hasField,
  recipeKeys,
  sameValue,
  schemaOf,
  withFields,
  type RecipeChange,
  type RecipeFields,
  type RecipeKey,
} from '../recipe/fields';
import { restoreRecipe, versionedRecipe } from '../recipe/migrate';
import {
  applyPreset,
  changedKeys,
  nearestPreset,
  offeredPresets,
  presets,
  usualPreset,
  type PresetId,
} from '../recipe/presets';
import type { Recipe } from '../recipe/schema';
import type { Fix } from '../recipe/checks';
import { readSetting, writeSetting } from './settings';

/**
 * The recipe that is edited, kept by itself from visit to visit. Nothing is saved before what is stored has been read, so a visit cannot
 * overwrite what it has not seen.
 */

interface RecipeState {
  /** The recipe that the next run takes. A run in progress has its own, frozen. */
  readonly recipe: Recipe;
  /** The preset it started from; what differs from it counts as edited. */
  readonly preset: PresetId;
  /** False until the stored recipe has been read. */
  readonly restored: boolean;
  /** Nobody has chosen or changed anything yet, in this visit or an earlier one. */
  readonly untouched: boolean;
  /** What of the stored recipe could not be taken, in sentences. */
  readonly problems: readonly string[];
  readonly set: <Key extends RecipeKey>(key: Key, value: RecipeFields[Key]) => void;
  readonly change: (change: RecipeChange) => void;
  /** Back to the preset's value. */
  readonly reset: (key: RecipeKey) => void;
  readonly applyPreset: (id: PresetId) => void;
  readonly applyFix: (fix: Fix) => void;
  /** Takes a whole recipe, of a link or of a run. */
  readonly replace: (recipe: Recipe) => void;
  /** Reads the stored recipe; edits made meanwhile win. */
  readonly restore: () => Promise<void>;
  /** Begins with the preset for machines without a GPU on such a one, unless the user has begun with something else. */
  readonly suit: (machine: { readonly accelerated: boolean }) => void;
}

export const useRecipeStore = create<RecipeState>()((set, get) => ({
  recipe: applyPreset('full'),
  preset: 'full',
  restored: false,
  untouched: false,
  problems: [],

  set: (key, value) => get().change({ [key]: value }),
  change: (change) =>
    set((state) => {
      const { recipe, preset } = taught(state, change);
      return { preset, recipe: withFields(recipe, change) };
    }),
  reset: (key) => get().change({ [key]: fieldOf(applyPreset(get().preset, get().recipe), key) }),
  applyPreset: (preset) => set(({ recipe }) => ({ preset, recipe: applyPreset(preset, recipe) })),
  applyFix(fix) {
    if ('preset' in fix) get().applyPreset(fix.preset);
    else get().change(fix.change);
  },
  replace: (recipe) => set({ recipe, preset: nearestPreset(recipe).preset.id }),

  async restore() {
    const before = get().recipe;
    const stored = await readStored();
    const edited = get().recipe !== before;
    if (stored === null || edited) set({ restored: true, untouched: !edited });
    else set({ ...stored, restored: true });
  },

  suit({ accelerated }) {
    if (get().untouched && !accelerated) get().applyPreset('quick');
  },
}));

/** A recipe before a change: where the change names another task, with what the preset sets for that one, and with all edits that it can have. */
function taught({ recipe, preset: before }: StoredRecipe, { task }: RecipeChange): StoredRecipe {
  if (task === undefined || task === recipe.task.type) return { recipe, preset: before };
  const preset = offeredPresets(task).some(({ id }) => id === before) ? before : usualPreset;
  const fresh = applyPreset(preset, withFields(recipe, { task }));
  const edits = editedKeys({ recipe, preset: before })
    .map((key) => [key, fieldOf(recipe, key)] as const)
    .filter(([key, value]) => key !== 'task' && hasField(key, fresh) && schemaOf(key, fresh).safeParse(value).success);
  return { preset, recipe: withFields(fresh, Object.fromEntries(edits)) };
}

/** Fields of the recipe that differ from its preset. */
export function editedKeys({ recipe, preset }: Pick<RecipeState, 'recipe' | 'preset'>): readonly RecipeKey[] {
  return changedKeys(applyPreset(preset, recipe), recipe);
}

/** What is stored: plain data, checked when it is read. */
interface StoredRecipe {
  readonly preset: PresetId;
  readonly recipe: Recipe;
}

async function readStored(): Promise<Pick<RecipeState, 'preset' | 'recipe' | 'problems'> | null> {
  try {
    const stored = (await readSetting('recipe')) as Partial<StoredRecipe> | null | undefined;
    if (stored === null || stored === undefined) return null;
    const known = presets.find(({ id }) => id === stored.preset)?.id;
    const { recipe, problems } = restoreRecipe(stored.recipe, applyPreset(known ?? 'full'));
    return { recipe, problems, preset: known ?? nearestPreset(recipe).preset.id };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return {
      recipe: useRecipeStore.getState().recipe,
      preset: useRecipeStore.getState().preset,
      problems: [`The stored recipe could not be read (${detail}).`],
    };
  }
}

/** Least milliseconds between two saves; the first change is saved at once, for a page may be reloaded right after it. */
const saveEveryMs = 300;
let savedAt = -Infinity;
let timer: ReturnType<typeof setTimeout> | null = null;

function save(): void {
  if (timer === null) return;
  clearTimeout(timer);
  timer = null;
  savedAt = performance.now();
  const { recipe, preset } = useRecipeStore.getState();
  void writeSetting('recipe', { recipe: versionedRecipe(recipe), preset } satisfies StoredRecipe);
}

useRecipeStore.subscribe((state, before) => {
  const same = state.preset === before.preset && sameRecipe(state.recipe, before.recipe);
  // What was only just read need not be written.
  if (same || !state.restored || !before.restored) return;
  if (state.untouched) useRecipeStore.setState({ untouched: false });
  timer ??= setTimeout(save, savedAt + saveEveryMs - performance.now());
});

function sameRecipe(a: Recipe, b: Recipe): boolean {
  return a === b || recipeKeys.every((key) => sameValue(fieldOf(a, key), fieldOf(b, key)));
}

/** A tab may vanish without a further event once it is hidden. */
if (typeof window !== 'undefined') {
  window.addEventListener('pagehide', save);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') save();
  });
}
