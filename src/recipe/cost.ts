import { flatFields, recipeKeys, type RecipeKey } from './fields';
import type { Recipe } from './schema';

/**
 * Fields that say how long a run is or what it learns, but not what one of its steps or evaluations costs. A field that is not listed counts, so
 * that one that is new costs a timing too many rather than giving a wrong time.
 */
const ofNoCost: ReadonlySet<RecipeKey> = new Set<RecipeKey>([
  'durationUnit',
  'epochs',
  'steps',
  'changes',
  'learningRate',
  'layerDecay',
  'schedule',
  'warmupRatio',
  'weightDecay',
  'beta1',
  'beta2',
  'epsilon',
  'labelSmoothing',
  'maxLogitScale',
  'evaluateEvery',
  'selectionMetric',
  'earlyStopping',
  'patience',
  'restoreBest',
  'seed',
]);

/** Equal for recipes whose steps and evaluations cost the same on the same data. */
export function costKey(recipe: Recipe): string {
  const fields = flatFields(recipe);
  return JSON.stringify(recipeKeys.flatMap((key) => (key in fields && !ofNoCost.has(key) ? [[key, fields[key]]] : [])));
}
