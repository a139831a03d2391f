import { describe, expect, test } from 'vitest';
import { combinations, levelsOf, nextValues, type Values } from './suggest';
import { learningRate, optimizer, sweepOf } from './testing';
import type { Sweep } from './types';

/** All trials that a sweep can have, at most so many. */
function all(sweep: Sweep, most: number): readonly Values[] {
  const tried: Values[] = [];
  for (
    let values = nextValues(sweep, tried);
    values !== null && tried.length < most;
    values = nextValues(sweep, tried)
  ) {
    tried.push(values);
  }
  return tried;
}

describe('random', () => {
  test('numbers lie between their bounds, evenly along their scale, and are short', () => {
    const rates = all(sweepOf(), 400).map((values) => Number(values['learningRate']));
    expect(rates).toHaveLength(400);
    expect(Math.min(...rates)).toBeGreaterThanOrEqual(1e-5);
    expect(Math.max(...rates)).toBeLessThanOrEqual(1e-2);
    for (const rate of rates) expect(rate).toBe(Number(rate.toPrecision(3)));
    // A third of the decades from 1e-5 to 1e-2 holds a third of them.
    const low = rates.filter((rate) => rate < 1e-4).length / rates.length;
    expect(low).toBeGreaterThan(0.27);
    expect(low).toBeLessThan(0.4);
  });

  test('the same seed draws the same trials, another one others; earlier trials stay what they were', () => {
    expect(all(sweepOf(), 5)).toEqual(all(sweepOf(), 8).slice(0, 5));
    expect(all(sweepOf({ seed: 8 }), 5)).not.toEqual(all(sweepOf(), 5));
  });

  test('whole numbers are whole, and each as likely as any', () => {
    const fields: Sweep['fields'] = [
      { key: 'batchSize', range: { kind: 'between', min: 8, max: 11, scale: 'linear', whole: true } },
      learningRate,
    ];
    const sizes = all(sweepOf({ fields }), 400).map((values) => Number(values['batchSize']));
    for (const size of [8, 9, 10, 11]) {
      const share = sizes.filter((each) => each === size).length / sizes.length;
      expect(share).toBeGreaterThan(0.18);
      expect(share).toBeLessThan(0.32);
    }
  });

  test('no combination comes twice, and when all have been tried there is none left', () => {
    const fields: Sweep['fields'] = [optimizer, { key: 'seed', range: { kind: 'choice', values: [1, 2, 3] } }];
    const tried = all(sweepOf({ fields }), 100);
    expect(tried).toHaveLength(6);
    expect(new Set(tried.map((values) => JSON.stringify(values))).size).toBe(6);
  });
});

describe('grid', () => {
  const fields = [learningRate, optimizer];
  const grid = sweepOf({ fields, method: { type: 'grid', levels: 4 } });

  test('numbers stand at even levels of their scale', () => {
    expect(levelsOf(learningRate.range, 4)).toEqual([1e-5, 1e-4, 1e-3, 1e-2]);
    expect(levelsOf({ kind: 'between', min: 0, max: 3, scale: 'linear', whole: true }, 9)).toEqual([0, 1, 2, 3]);
    expect(levelsOf({ kind: 'between', min: 2, max: 2, scale: 'log', whole: true }, 3)).toEqual([2]);
  });

  test('each combination comes once', () => {
    const tried = all(grid, 100);
    expect(tried).toHaveLength(combinations(grid));
    expect(tried).toHaveLength(8);
    expect(new Set(tried.map((values) => JSON.stringify(values))).size).toBe(8);
  });

  test('a budget that ends early has seen some of everything', () => {
    const first = all(grid, 4);
    expect(new Set(first.map((values) => values['optimizer'])).size).toBe(2);
    expect(new Set(first.map((values) => values['learningRate'])).size).toBeGreaterThan(2);
  });
});
