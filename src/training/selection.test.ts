import { describe, expect, test } from 'vitest';
import { Selection, selectionScore } from './selection';
import { metricsOf } from './testing/fakes';

describe('what is best', () => {
  test('recall is the mean of both directions, and a lower loss is better', () => {
    const one = metricsOf(0.2, 3);
    const two = { ...one, textToImage: metricsOf(0.6).textToImage };
    expect(selectionScore(two, 'recall@5')).toBeCloseTo(0.4);
    expect(selectionScore(metricsOf(0, 1), 'validation-loss')).toBeGreaterThan(selectionScore(one, 'validation-loss'));
  });

  test('between equal recalls the lower loss wins', () => {
    const selection = new Selection('recall@1', null);
    expect(selection.take(10, metricsOf(0.5, 2))).toBe(true);
    expect(selection.take(20, metricsOf(0.5, 2.5))).toBe(false);
    expect(selection.take(30, metricsOf(0.5, 1))).toBe(true);
    expect(selection.bestStep).toBe(30);
  });
});

describe('patience', () => {
  test('runs out after so many evaluations without a better score', () => {
    const selection = new Selection('recall@1', 2);
    const exhausted = [0.1, 0.3, 0.2, 0.3].map((recall, index) => {
      selection.take(index, metricsOf(recall));
      return selection.exhausted;
    });
    expect(exhausted).toEqual([false, false, false, true]);
  });

  test('begins anew with progress, and a lower loss alone is none', () => {
    const selection = new Selection('recall@1', 2);
    const scores = [
      [0.1, 9],
      [0.1, 8],
      [0.2, 9],
      [0.2, 8],
      [0.2, 7],
    ] as const;
    const exhausted = scores.map(([recall, loss], index) => {
      selection.take(index, metricsOf(recall, loss));
      return selection.exhausted;
    });
    expect(exhausted).toEqual([false, false, false, false, true]);
  });

  test('without early stopping it never runs out', () => {
    const selection = new Selection('recall@1', null);
    for (let step = 0; step < 50; step++) selection.take(step, metricsOf(0));
    expect(selection.exhausted).toBe(false);
  });
});
