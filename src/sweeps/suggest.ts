import { createRandom, mixSeed, shuffled } from '../training/random';
import type { Range, SweepPlan, SweptField, Value } from './types';

/** What trials are to be trained with: drawn at random or laid out as a grid, the same for the same seed. */

/** Digits of a number that is drawn: more would only be hard to read. */
const digits = 3;
/** Draws before an equal trial is taken for unavoidable. */
const draws = 100;
/** Most combinations that a grid may have. */
export const mostCombinations = 10_000;

export type Values = Readonly<Record<string, Value>>;

/** A number of a range at a place of 0…1 along its scale. */
function valueAt({ min, max, scale, whole }: Extract<Range, { kind: 'between' }>, place: number): number {
  const exact = scale === 'log' ? min * (max / min) ** place : min + (max - min) * place;
  const rounded = whole ? Math.round(exact) : Number(exact.toPrecision(digits));
  return Math.min(max, Math.max(min, rounded));
}

/** A value of a range at a place of [0, 1), each as likely as any other. */
function drawn(range: Range, place: number): Value {
  if (range.kind === 'choice') return range.values[Math.floor(place * range.values.length)] as Value;
  // Whole numbers at the ends of a linear scale get their whole share too.
  if (range.whole && range.scale === 'linear') return range.min + Math.floor(place * (range.max - range.min + 1));
  return valueAt(range, place);
}

/** The values of a range on a grid: all of a list, numbers at so many even levels of their scale. */
export function levelsOf(range: Range, levels: number): readonly Value[] {
  if (range.kind === 'choice') return [...new Set(range.values)];
  if (range.min === range.max) return [range.min];
  return [...new Set(Array.from({ length: levels }, (_, index) => valueAt(range, index / (levels - 1))))];
}

/** How many different trials there can be; infinite where a field is a number that need not be whole. */
export function combinations({ fields, method }: Pick<SweepPlan, 'fields' | 'method'>): number {
  return fields.reduce((product, { range }) => product * sizeOf(range, method), 1);
}

function sizeOf(range: Range, method: SweepPlan['method']): number {
  if (method.type === 'grid') return levelsOf(range, method.levels).length;
  if (range.kind === 'choice') return new Set(range.values).size;
  if (range.min === range.max) return 1;
  return range.whole ? range.max - range.min + 1 : Infinity;
}

/**
 * The values of the next trial; null where there are none that have not been tried.
 *
 * @param tried values of all trials so far
 */
export function nextValues(plan: SweepPlan, tried: readonly Values[]): Values | null {
  return plan.method.type === 'grid' ? nextOfGrid(plan, tried) : nextDrawn(plan, tried);
}

function nextDrawn(plan: SweepPlan, tried: readonly Values[]): Values | null {
  const { fields, seed } = plan;
  if (tried.length >= combinations(plan)) return null;
  const known = new Set(tried.map((values) => keyOf(fields, values)));
  const random = createRandom(mixSeed(seed, tried.length));
  for (let draw = 0; draw < draws; draw++) {
    const values = Object.fromEntries(fields.map(({ key, range }) => [key, drawn(range, random())]));
    if (!known.has(keyOf(fields, values))) return values;
  }
  // Nearly all of a few combinations have been tried: the first that has not is as random as any.
  return combinations(plan) > mostCombinations ? null : firstUntried(plan, known, random);
}

function firstUntried({ fields }: SweepPlan, known: ReadonlySet<string>, random: () => number): Values | null {
  const all = product(fields, ({ range }) =>
    range.kind === 'choice'
      ? [...new Set(range.values)]
      : Array.from({ length: range.max - range.min + 1 }, (_, index) => range.min + index),
  );
  return shuffled(all, random).find((values) => !known.has(keyOf(fields, values))) ?? null;
}

/** All combinations in a random order, so that a budget that ends early has seen some of everything. */
function nextOfGrid(plan: SweepPlan, tried: readonly Values[]): Values | null {
  const { fields, seed, method } = plan;
  if (method.type !== 'grid' || combinations(plan) > mostCombinations) return null;
  const all = product(fields, ({ range }) => levelsOf(range, method.levels));
  const known = new Set(tried.map((values) => keyOf(fields, values)));
  return shuffled(all, createRandom(mixSeed(seed))).find((values) => !known.has(keyOf(fields, values))) ?? null;
}

function product(fields: readonly SweptField[], valuesOf: (field: SweptField) => readonly Value[]): readonly Values[] {
  return fields.reduce<readonly Values[]>(
    (rows, field) => rows.flatMap((row) => valuesOf(field).map((value) => ({ ...row, [field.key]: value }))),
    [{}],
  );
}

function keyOf(fields: readonly SweptField[], values: Values): string {
  return JSON.stringify(fields.map(({ key }) => values[key]));
}
