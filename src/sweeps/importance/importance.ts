import type { RecipeKey } from '../../recipe/fields';
import type { Range, Sweep, Value } from '../types';
import { mainEffects } from './fanova';

/** Trials that are looked at, the newest; with more it would take too long and say no more. */
const most = 150;
/** Fewer say nothing. */
export const fewest = 4;

/** How much a field has to do with what trials score. */
export interface Importance {
  readonly key: RecipeKey;
  /** Share of the differences in score that it makes by itself, 0…1. */
  readonly share: number;
}

/**
 * The fields of a sweep by their importance, greatest first; null where too few trials were measured, or all scored the same. Trials are told by
 * what they scored at the lowest rung, to which all have come, since scores of different rungs say nothing about each other.
 */
export function importanceOf({
  fields,
  trials,
  seed,
}: Pick<Sweep, 'fields' | 'trials' | 'seed'>): readonly Importance[] | null {
  const measured = trials.flatMap(({ values, scores, state }) => {
    const score = scores[0]?.value ?? null;
    // One that was stopped before was measured elsewhere than the others.
    return score === null || (state === 'stopped' && scores.length === 1) ? [] : [{ values, score }];
  });
  if (measured.length < fewest) return null;
  const used = measured.slice(-most);
  const places = used.map(({ values }) => fields.map(({ key, range }) => placeOf(range, values[key])));
  const shares = mainEffects({ places, scores: used.map(({ score }) => score) }, seed);
  return (
    shares &&
    fields.map(({ key }, index) => ({ key, share: shares[index] ?? 0 })).sort((one, other) => other.share - one.share)
  );
}

/** Where a value lies in its range, 0…1 along its scale; each of a list has an equal part of it. */
export function placeOf(range: Range, value: Value | undefined): number {
  if (range.kind === 'choice') {
    const values = [...new Set(range.values)];
    return (Math.max(0, values.indexOf(value as Value)) + 0.5) / values.length;
  }
  const { min, max, scale } = range;
  const number = Math.min(max, Math.max(min, Number(value)));
  if (min === max) return 0.5;
  return scale === 'log' ? Math.log(number / min) / Math.log(max / min) : (number - min) / (max - min);
}
