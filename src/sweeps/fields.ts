import { controlOf } from '../recipe/control';
import { infoOf, isRelevant, optionLabel, showShare, shareRange, showValue } from '../recipe/describe';
import type { FieldGroup } from '../recipe/field';
import { fieldOf, recipeKeys, schemaOf, withFields, type RecipeKey } from '../recipe/fields';
import type { Recipe } from '../recipe/schema';
import { combinations, mostCombinations } from './suggest';
import { longestName, type Range, type SweepPlan, type SweptField, type Value } from './types';

/** Which fields of a recipe a sweep may vary, what is proposed for each, and what is wrong with what was asked for. */

/** What is taught and what is taught with are chosen before; memory changes no result, and how a run is evaluated makes none better. */
const fixedGroups: ReadonlySet<FieldGroup> = new Set<FieldGroup>(['model', 'memory', 'evaluation']);
const fixed: ReadonlySet<RecipeKey> = new Set<RecipeKey>([
  'task',
  'method',
  'durationUnit',
  'labelKind',
  'labelConvention',
  'cachedViews',
]);

/** Fields on which the length of a run depends. */
const lengthFields: ReadonlySet<RecipeKey> = new Set<RecipeKey>(['epochs', 'steps']);

/** The fields that a sweep of this recipe may vary, in the order of the form. */
export function sweepable(recipe: Recipe): readonly RecipeKey[] {
  return recipeKeys.filter((key) => {
    if (key === 'seed') return true;
    if (fixed.has(key) || !isRelevant(key, recipe) || fixedGroups.has(infoOf(key, recipe).group)) return false;
    const { kind } = controlOf(key, recipe);
    return kind === 'choice' || kind === 'switch' || kind === 'share' || kind === 'number';
  });
}

/** Fields that are proposed first, as far as there are any. */
const usual: readonly RecipeKey[] = ['learningRate', 'weightDecay'];

/** What is proposed where nothing was chosen. */
export function proposedFields(recipe: Recipe): readonly SweptField[] {
  const keys = sweepable(recipe);
  return usual.filter((key) => keys.includes(key)).map((key) => ({ key, range: proposedRange(key, recipe) }));
}

/** A range around what the recipe has now: an order of magnitude to each side of rates, half and twice of other sizes. */
export function proposedRange(key: RecipeKey, recipe: Recipe): Range {
  const control = controlOf(key, recipe);
  const now = fieldOf(recipe, key);
  if (key === 'seed') return { kind: 'choice', values: [0, 1, 2].map((next) => Number(now) + next) };
  if (control.kind === 'choice') {
    // Layers that were chosen one by one are no choice of their own.
    const values = control.options.map(({ value }) => value).filter((value) => value !== 'custom' || value === now);
    return { kind: 'choice', values };
  }
  if (control.kind === 'switch') return { kind: 'choice', values: [false, true] };
  if (control.kind !== 'number' && control.kind !== 'share') throw new RangeError(`The field "${key}" has no range.`);
  const { min, max } = control;
  const value = Number(now);
  const within = (bound: number): number => Math.min(max, Math.max(min, Number(bound.toPrecision(3))));
  if (control.kind === 'share') {
    return { kind: 'between', min, max: within(Math.max(2 * value, 0.3)), scale: 'linear', whole: false };
  }
  const whole = control.integer;
  if (control.scale === 'binary') {
    const sizes = [value / 2, value, 2 * value].map((size) => within(Math.round(size)));
    return { kind: 'choice', values: [...new Set(sizes)] };
  }
  if (control.scale === 'log' && !whole) {
    const middle = value > 0 ? value : 0.01;
    return { kind: 'between', min: within(middle / 10), max: within(middle * 10), scale: 'log', whole };
  }
  const [low, high] = value === 0 ? [min, Math.min(max, min + 1)] : [value / 2, 2 * value];
  const bound = (number: number): number => within(whole ? Math.round(number) : number);
  return {
    kind: 'between',
    min: bound(low),
    max: bound(high),
    scale: control.scale === 'log' ? 'log' : 'linear',
    whole,
  };
}

/** A value of a field for people, as the recipe's form shows it. */
export function valueText(key: RecipeKey, value: Value, recipe: Recipe): string {
  return showValue(key, withFields(recipe, { [key]: value }));
}

/** A range for people: `1e-5 to 1e-3`, `AdamW, SGD with momentum`. */
export function rangeText({ key, range }: SweptField, recipe: Recipe): string {
  if (range.kind === 'choice') return range.values.map((value) => valueText(key, value, recipe)).join(', ');
  return `${valueText(key, range.min, recipe)} to ${valueText(key, range.max, recipe)}`;
}

/** Name of a sweep by what it varies: `Learning rate × weight decay`. */
export function sweepName(fields: readonly SweptField[], recipe: Recipe): string {
  const [first = 'Sweep', ...rest] = fields.map(({ key }) => infoOf(key, recipe).label);
  const lower = rest.map((label) => label.charAt(0).toLowerCase() + label.slice(1));
  return [first, ...lower].join(' × ').slice(0, longestName);
}

/** Why a range cannot be taken, a sentence; null where it can. */
export function rangeProblem({ key, range }: SweptField, recipe: Recipe): string | null {
  const schema = schemaOf(key, recipe);
  const fits = (value: Value): boolean => schema.safeParse(value).success;
  if (range.kind === 'choice') {
    const unfit = range.values.find((value) => !fits(value));
    if (unfit !== undefined) return `${shown(key, unfit)} is not a possible value${boundsText(key, recipe)}.`;
    return new Set(range.values).size < 2 ? 'Name two values or more.' : null;
  }
  const { min, max, scale } = range;
  const unfit = [min, max].find((value) => !fits(value));
  if (unfit !== undefined) return `${shown(key, unfit)} is not a possible value${boundsText(key, recipe)}.`;
  if (min >= max) return 'The first bound has to be below the second.';
  return scale === 'log' && min <= 0 ? 'A logarithmic scale has to begin above 0.' : null;
}

function shown(key: RecipeKey, value: Value): string {
  if (typeof value === 'string') return `“${optionLabel(key, value)}”`;
  return typeof value === 'number' && shareRange(key) !== null ? showShare(value) : String(value);
}

function boundsText(key: RecipeKey, recipe: Recipe): string {
  const control = controlOf(key, recipe);
  if (control.kind === 'share') return ` (from ${showShare(control.min)} to ${showShare(control.max)})`;
  if (control.kind !== 'number') return '';
  return ` (from ${control.min} to ${control.max}${control.integer ? ', whole' : ''})`;
}

/** What keeps a sweep from being started, in sentences; nothing where it can be. */
export function planProblems(plan: Pick<SweepPlan, 'recipe' | 'fields' | 'method'>): readonly string[] {
  const { recipe, fields, method } = plan;
  if (fields.length === 0) return ['Choose a field to vary.'];
  const problems = fields.flatMap((field) => {
    const problem = rangeProblem(field, recipe);
    return problem === null ? [] : [`${infoOf(field.key, recipe).label}: ${problem}`];
  });
  if (problems.length > 0) return problems;
  if (method.type === 'grid' && combinations(plan) > mostCombinations) {
    return [`A grid of more than ${mostCombinations.toLocaleString('en')} combinations is too large.`];
  }
  const length = fields.find(({ key }) => lengthFields.has(key));
  if (method.type === 'asha' && length !== undefined) {
    return [`Halving compares trials of one length, so ${infoOf(length.key, recipe).label} cannot vary.`];
  }
  return [];
}
