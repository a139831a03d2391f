import { expect, test } from 'vitest';
import fixtures from './fixtures/fanova.json';
import { mainEffects, variances } from './fanova';
import { grow, type Tree } from './tree';

/** Reference: scikit-learn's trees and Optuna's analysis of them (`reference/fixtures/importance.py`). */
const { trees, places, scores, splits, shares } = fixtures;

test('the variances of trees that scikit-learn has grown are those that Optuna computes', () => {
  for (const { tree, total, marginal } of trees) {
    const found = variances(tree, 3);
    expect(found.total).toBeCloseTo(total, 10);
    marginal.forEach((variance, feature) => expect(found.marginal[feature]).toBeCloseTo(variance, 10));
  }
});

/** The first splits of a tree, as the script lists them. */
function uppermost(tree: Tree, depth = 3): readonly (readonly number[])[] {
  if (depth === 0 || 'value' in tree) return [];
  const { feature, threshold, low, high } = tree;
  return [[feature, threshold], ...uppermost(low, depth - 1), ...uppermost(high, depth - 1)];
}

test('a tree parts trials as scikit-learn does', () => {
  expect(uppermost(grow({ places, scores }, [...scores.keys()]))).toEqual(splits);
});

test('shares of whole forests differ from those of Optuna by chance alone', () => {
  const found = mainEffects({ places, scores }) ?? [];
  shares.forEach((share, feature) => expect(Math.abs((found[feature] ?? NaN) - share)).toBeLessThan(0.03));
});

test('a field without effect has next to none, and fields that only matter together have none by themselves', () => {
  const places = Array.from({ length: 64 }, (_, index) => [
    (index % 8) / 8 + 1 / 16,
    Math.floor(index / 8) / 8 + 1 / 16,
  ]);
  const first = mainEffects({ places, scores: places.map(([x = 0]) => x) }) ?? [];
  expect(first[0]).toBeGreaterThan(0.95);
  expect(first[1]).toBeLessThan(0.02);
  const together = mainEffects({ places, scores: places.map(([x = 0, y = 0]) => (x < 0.5 === y < 0.5 ? 1 : 0)) }) ?? [];
  expect(Math.max(...together)).toBeLessThan(0.1);
});

test('where nothing differs there is nothing to tell', () => {
  expect(mainEffects({ places: [[0.1], [0.9]], scores: [1, 1] })).toBeNull();
  expect(mainEffects({ places: [[0.1]], scores: [1] })).toBeNull();
});
