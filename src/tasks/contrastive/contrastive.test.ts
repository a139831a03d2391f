import { describe, expect, test } from 'vitest';
import { optionLabel } from '../../recipe/describe';
import { defaultRecipe, withFields, type RecipeFields } from '../../recipe/fields';
import { selectionMetrics } from '../../recipe/tasks/contrastive';
import { contrastive } from '.';
import { namedMetrics, structuredChange, structuredMetrics, type RetrievalMetrics } from './structured';

const direction = {
  recallAt1: 0.2,
  recallAt5: 0.4,
  recallAt10: 0.6,
  meanRank: 7.5,
  medianRank: 3,
  meanAveragePrecision: 0.3,
  meanReciprocalRank: 0.35,
  ndcgAt10: 0.4,
};
/** As versions measured it that did not look at more than the best right answer. */
const earlier = { ...direction, meanAveragePrecision: undefined, meanReciprocalRank: undefined, ndcgAt10: undefined };
const guess = { recallAt1: 0.01, meanRank: 50.5 };
const measured: RetrievalMetrics = {
  imageToText: direction,
  textToImage: { ...direction, recallAt1: 0.3, recallAt5: 0.6 },
  gallery: 100,
  captions: 90,
  guess: { imageToText: guess, textToImage: guess },
  loss: 1.5,
  lossPairs: 64,
};
const recipeBy = (selectionMetric: RecipeFields['selectionMetric']) => withFields(defaultRecipe, { selectionMetric });

describe('names', () => {
  test('every described metric is measured, once', () => {
    const names = contrastive.metrics.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(namedMetrics(measured))).toEqual(expect.arrayContaining(names));
  });

  test('lose nothing of the structure, whatever was not measured', () => {
    for (const of of [
      measured,
      { ...measured, captions: null, guess: null, lossPairs: null },
      { ...measured, imageToText: earlier },
    ]) {
      expect(structuredMetrics(namedMetrics(of))).toEqual(of);
    }
  });

  test('give intervals in the structure of training.json', () => {
    const interval = { low: 0, high: 1 };
    const intervals = Object.fromEntries(Object.keys(namedMetrics(measured)).map((name) => [name, interval]));
    const all = {
      recallAt1: interval,
      recallAt5: interval,
      recallAt10: interval,
      meanRank: interval,
      medianRank: interval,
      meanAveragePrecision: interval,
      meanReciprocalRank: interval,
      ndcgAt10: interval,
    };
    expect(structuredChange({ intervals, groups: 9 })).toEqual({
      imageToText: all,
      textToImage: all,
      bothRecallAt1: interval,
      loss: interval,
      groups: 9,
    });
  });
});

describe('what decides', () => {
  const value = (selectionMetric: (typeof selectionMetrics)[number]) => {
    const metrics = namedMetrics(measured);
    return metrics[contrastive.deciding(recipeBy(selectionMetric), metrics).name];
  };

  test('recall is the mean of both directions, accuracy that of pictures, and a lower loss is better', () => {
    expect(value('recall@1')).toBeCloseTo(0.25, 12);
    expect(value('recall@5')).toBeCloseTo(0.5, 12);
    expect(value('accuracy')).toBe(0.2);
    expect(value('validation-loss')).toBe(1.5);
    expect(contrastive.deciding(recipeBy('validation-loss'), {}).better).toBe('less');
  });

  test('is left to the data by default: accuracy where each caption is on two pictures or more, else the loss', () => {
    const of = (gallery: number, captions: number | null) =>
      contrastive.deciding(recipeBy('auto'), namedMetrics({ ...measured, gallery, captions })).name;
    expect([of(100, 100), of(100, 51), of(100, 50), of(500, 10)]).toEqual(['loss', 'loss', 'accuracy', 'accuracy']);
    expect(of(100, null)).toBe('loss');
    expect(contrastive.deciding(recipeBy('recall@1'), namedMetrics({ ...measured, captions: 10 })).name).toBe(
      'recall@1',
    );
  });

  test.each(selectionMetrics.filter((metric) => metric !== 'auto'))('%s is called as in the recipe', (metric) => {
    const { label, inFull = label } = contrastive.deciding(recipeBy(metric), {});
    expect(inFull).toBe(optionLabel('selectionMetric', metric));
  });
});
