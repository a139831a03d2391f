import { describe, expect, test } from 'vitest';
import type { RecipeFields } from '../../recipe/fields';
import { contrastive } from '../../tasks/contrastive';
import type { Metrics } from '../../tasks/metrics';
import { metricsOf, recipeOf } from '../testing/fakes';
import { Selection } from './selection';

const by = (selectionMetric: RecipeFields['selectionMetric']) => (metrics: Metrics) =>
  contrastive.deciding(recipeOf({ selectionMetric }), metrics);

describe('what is best', () => {
  test('between equal recalls the lower loss wins', () => {
    const selection = new Selection(by('recall@1'), null);
    expect(selection.take(10, metricsOf(0.5, 2))).toBe(true);
    expect(selection.take(20, metricsOf(0.5, 2.5))).toBe(false);
    expect(selection.take(30, metricsOf(0.5, 1))).toBe(true);
    expect(selection.bestStep).toBe(30);
  });

  test('with ten captions, one of them that finds its picture by luck does not outweigh forty pictures', () => {
    const selection = new Selection(by('auto'), null);
    const classes = (accuracy: number, captionsRight: number) => ({
      ...metricsOf(accuracy),
      'textToImage.recallAt1': captionsRight / 10,
      'recall@1': (accuracy + captionsRight / 10) / 2,
      pictures: 500,
      captions: 10,
    });
    selection.take(0, classes(0.2, 3));
    selection.take(10, classes(0.336, 7));
    expect(selection.take(20, classes(0.414, 5))).toBe(true);
    expect(classes(0.336, 7)['recall@1']).toBeGreaterThan(classes(0.414, 5)['recall@1']);
  });
});

describe('the base model', () => {
  test('is a candidate as step 0, and stays the best where training only spoils it', () => {
    const selection = new Selection(by('validation-loss'), null);
    expect(selection.take(0, metricsOf(0.5, 1))).toBe(true);
    expect(selection.take(10, metricsOf(0.6, 1.2))).toBe(false);
    expect(selection.bestStep).toBe(0);
    expect(selection.take(20, metricsOf(0.6, 0.9))).toBe(true);
    expect(selection.bestStep).toBe(20);
  });

  test('does not use up the patience of a run that begins with a dip', () => {
    const selection = new Selection(by('recall@1'), 2);
    selection.take(0, metricsOf(0.5));
    const exhausted = [0.1, 0.2, 0.3, 0.2, 0.3].map((recall, index) => {
      selection.take(10 * (index + 1), metricsOf(recall));
      return selection.exhausted;
    });
    expect(exhausted).toEqual([false, false, false, false, true]);
    expect(selection.bestStep).toBe(0);
  });
});

describe('patience', () => {
  test('runs out after so many evaluations without a better score', () => {
    const selection = new Selection(by('recall@1'), 2);
    const exhausted = [0.1, 0.3, 0.2, 0.3].map((recall, index) => {
      selection.take(index + 1, metricsOf(recall));
      return selection.exhausted;
    });
    expect(exhausted).toEqual([false, false, false, true]);
  });

  test('begins again with progress, and a lower loss alone is none', () => {
    const selection = new Selection(by('recall@1'), 2);
    const scores = [
      [0.1, 9],
      [0.1, 8],
      [0.2, 9],
      [0.2, 8],
      [0.2, 7],
    ] as const;
    const exhausted = scores.map(([recall, loss], index) => {
      selection.take(index + 1, metricsOf(recall, loss));
      return selection.exhausted;
    });
    expect(exhausted).toEqual([false, false, false, false, true]);
  });

  test('without early stopping it never runs out', () => {
    const selection = new Selection(by('recall@1'), null);
    for (let step = 1; step <= 50; step++) selection.take(step, metricsOf(0));
    expect(selection.exhausted).toBe(false);
  });
});
