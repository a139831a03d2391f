import { infoOf } from './describe';
import {
  defaultRecipe,
  fieldOf,
  hasField,
  isPart,
  recipeKeys,
  sameValue,
  withFields,
  type RecipeChange,
  type RecipeKey,
} from './fields';
import type { Recipe } from './schema';
import { writesWords } from './tasks/words';

/**
 * Presets: where recipes begin and what they are compared with. Links and stored recipes name them by their ids, so an id is never given to
 * another.
 */

export type PresetId = 'full' | 'new-domain' | 'last-blocks' | 'projections' | 'image-locked' | 'text-locked' | 'quick';

/** A named starting point: what it sets differently from the defaults, never the model or the seed. */
export interface Preset {
  readonly id: PresetId;
  readonly label: string;
  /** When to take it. */
  readonly hint: string;
  readonly changes: RecipeChange;
  /** It is about words, which classifiers do not read. */
  readonly words?: true;
  /** How it is called where a head for classes is taught. */
  readonly forClasses?: { readonly label: string; readonly hint: string };
  /** The same where the model writes words, with what it sets then; null where it is not offered. */
  readonly forWords?: ForWords | null;
  /** What differs from that where questions are answered. */
  readonly forAnswers?: ForWords;
}

/** A preset where the model writes words. */
interface ForWords {
  readonly label: string;
  readonly hint: string;
  readonly changes?: RecipeChange;
}

/**
 * Without random crops the frozen layers see the same pictures every epoch, so their output is computed once and kept: presets that freeze
 * the lower layers switch crops off. Projections are two small matrices and bear ten times the learning rate of whole towers.
 */
export const presets: readonly Preset[] = [
  {
    id: 'full',
    label: 'Everything',
    hint: 'All layers learn. The most gain from some hundred pictures up, and the most time.',
    changes: { freeze: 'full', learningRate: 1e-4, batchSize: 64, epochs: 15 },
    forWords: {
      label: 'Everything',
      hint: 'All layers learn. The most gain where pictures look new too, and the most time.',
      changes: { batchSize: 32 },
    },
  },
  {
    id: 'new-domain',
    label: 'New domain',
    hint: 'All layers, in large steps. For pictures unlike all that the model knows, such as the shapes.',
    changes: { freeze: 'full', learningRate: 7e-4, batchSize: 64, epochs: 12, augmentCrop: 0 },
    forWords: {
      label: 'New domain',
      hint: 'All layers, in large steps. For pictures and words unlike all that the model knows.',
      changes: { learningRate: 3e-4, batchSize: 32 },
    },
  },
  {
    id: 'last-blocks',
    label: 'Last blocks',
    hint: 'The last two blocks of each tower; the rest is computed once. Moderate time and gain.',
    changes: {
      freeze: 'last-blocks',
      lastBlocks: 2,
      learningRate: 1e-4,
      batchSize: 64,
      epochs: 15,
      augmentCrop: 0,
    },
  },
  {
    id: 'projections',
    label: 'Matching layers only',
    hint: 'Only the last layer of each tower (projection), where pictures and words meet. Seconds per epoch and little risk; for few pictures.',
    forClasses: {
      label: 'The head only',
      hint: 'The model stays as it is. Seconds per epoch and little risk; for few pictures.',
    },
    forWords: null,
    changes: {
      freeze: 'projections',
      learningRate: 1e-3,
      batchSize: 128,
      epochs: 10,
      augmentCrop: 0,
    },
  },
  {
    id: 'image-locked',
    label: 'Words only',
    hint: 'The image tower stays as it is (known as LiT); the text tower learns to name what it sees. For new words.',
    words: true,
    forWords: {
      label: 'Words only',
      hint: 'The image tower stays as it is and is computed once; the rest learns to say what it sees. For new words.',
      changes: { batchSize: 32 },
    },
    forAnswers: {
      label: 'Words only',
      hint: 'The image tower stays as it is and is computed once; the rest learns to answer in new words.',
      changes: { learningRate: 1e-3, batchSize: 32 },
    },
    changes: { freeze: 'image-locked', learningRate: 3e-4, batchSize: 64, epochs: 15, augmentCrop: 0 },
  },
  {
    id: 'text-locked',
    label: 'Pictures only',
    hint: 'The image tower learns a new look, and the words stay: drawings, scans, satellite pictures.',
    words: true,
    forWords: {
      label: 'Pictures only',
      hint: 'The image tower learns a new look, and the words stay: drawings, scans, satellite pictures.',
      changes: { batchSize: 32 },
    },
    changes: { freeze: 'text-locked', learningRate: 3e-4, batchSize: 64, epochs: 15 },
  },
  {
    id: 'quick',
    label: 'Quick, without a GPU',
    hint: 'The matching layers, for about a minute on any computer with the small model.',
    forClasses: {
      label: 'Quick, without a GPU',
      hint: 'The head alone, for about a minute on any computer with the small model.',
    },
    forWords: {
      label: 'Quick, without a GPU',
      hint: 'All layers in small steps, for about three minutes on any computer with the small model.',
      changes: { freeze: 'full', learningRate: 1e-4, batchSize: 32, steps: 80, evaluateEvery: 40, augmentCrop: 0.2 },
    },
    forAnswers: {
      label: 'Quick, without a GPU',
      hint: 'All but the image tower, in large steps that new words need, for some minutes on any computer with the small model.',
      changes: { freeze: 'image-locked', learningRate: 1e-3, batchSize: 32, steps: 800, evaluateEvery: 200 },
    },
    changes: {
      freeze: 'projections',
      learningRate: 1e-3,
      batchSize: 128,
      durationUnit: 'steps',
      steps: 80,
      evaluateEvery: 10,
      augmentCrop: 0,
    },
  },
];

/** Where a recipe begins if another task does not offer the preset that it began with. */
export const usualPreset: PresetId = 'full';

/** The presets that are offered where a task is taught, as they are called there. */
export function offeredPresets(task: string): readonly Pick<Preset, 'id' | 'label' | 'hint'>[] {
  const byWords = task === 'contrastive' || writesWords(task);
  return presets.flatMap((preset) => {
    const { id, label, hint, words = false, forClasses, forWords } = preset;
    if ((words && !byWords) || (forWords === null && writesWords(task))) return [];
    const called = writesWords(task) ? wordsOf(preset, task) : byWords ? undefined : forClasses;
    return [{ id, label: called?.label ?? label, hint: called?.hint ?? hint }];
  });
}

/** What a preset is where a task writes words. */
function wordsOf({ forWords, forAnswers }: Preset, task: string): ForWords | null | undefined {
  return task === 'answering' ? (forAnswers ?? forWords) : forWords;
}

/** @throws RangeError for an unknown id */
export function presetById(id: PresetId): Preset {
  const preset = presets.find((candidate) => candidate.id === id);
  if (preset === undefined) throw new RangeError(`There is no preset "${id}".`);
  return preset;
}

/** Fields that a preset leaves as they are when it is applied. */
const kept: readonly RecipeKey[] = ['model', 'seed'];

/** What says what of the data is read and wanted: it stays with the task, whatever preset. */
function keptOf(recipe: Recipe): RecipeChange {
  const keys = recipeKeys.filter(
    (key) => hasField(key, recipe) && !isPart(key) && infoOf(key, recipe).group === 'task',
  );
  return Object.fromEntries(keys.map((key) => [key, fieldOf(recipe, key)]));
}

/** The preset's recipe for the task of the given one, with its model and seed. */
export function applyPreset(id: PresetId, current: Recipe = defaultRecipe): Recipe {
  const { task, model, seed } = current;
  const preset = presetById(id);
  const own = writesWords(task.type) ? wordsOf(preset, task.type)?.changes : {};
  return withFields(defaultRecipe, { ...keptOf(current), ...preset.changes, ...own, task: task.type, model, seed });
}

/** Fields in which two recipes differ, in canonical order. */
export function changedKeys(from: Recipe, to: Recipe): readonly RecipeKey[] {
  return recipeKeys.filter((key) => !sameValue(fieldOf(from, key), fieldOf(to, key)));
}

/** The preset that the recipe differs from least, and in what (model and seed left out). */
export function nearestPreset(recipe: Recipe): { readonly preset: Preset; readonly changed: readonly RecipeKey[] } {
  const { type } = recipe.task;
  const fitting = presets.filter(({ forWords }) => forWords !== null || !writesWords(type));
  const candidates = fitting.map((preset) => ({
    preset,
    changed: changedKeys(applyPreset(preset.id, recipe), recipe).filter((key) => !kept.includes(key)),
  }));
  return candidates.reduce((best, next) => (next.changed.length < best.changed.length ? next : best));
}
