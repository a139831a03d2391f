import { describe, expect, it } from 'vitest';
import { withFields, type RecipeFields } from '../../recipe/fields';
import { recipeSchema } from '../../recipe/schema';
import type { Evaluation } from '../../protocol/training';
import { tasks } from '../../tasks';
import { namedMetrics } from '../../tasks/contrastive/structured';
import type { Metrics } from '../../tasks/metrics';
import { intervalText, restoredStep, resultChange, runResult, selectionText, signed, verdictOf } from './result';

const measured = (recallAt1: number, captions = 100): Metrics => {
  const direction = { recallAt5: 0.7, recallAt10: 0.8, meanRank: 9, medianRank: 3 };
  return namedMetrics({
    imageToText: { ...direction, recallAt1 },
    textToImage: { ...direction, recallAt1: recallAt1 + 0.02 },
    gallery: 100,
    captions,
    guess: null,
    loss: 1.2345,
    lossPairs: 64,
  });
};
const evaluation = (step: number, recallAt1: number): Evaluation => ({
  step,
  seconds: 0,
  metrics: measured(recallAt1),
  change: null,
});
const task = tasks.contrastive;
const run = {
  recipe: recipeSchema.parse({}),
  baseline: measured(0.34),
  evaluations: [evaluation(10, 0.4), evaluation(20, 0.46), evaluation(30, 0.44)],
  bestStep: 20,
};

describe('runResult', () => {
  it('takes the best weights where the recipe restores them, else the last', () => {
    expect(runResult(run)?.tuned.step).toBe(20);
    expect(runResult({ ...run, recipe: { ...run.recipe, restoreBest: false } })?.tuned.step).toBe(30);
  });
  it('names the step that the weights go back to', () => {
    expect(restoredStep(run)).toBe(20);
    expect(restoredStep({ ...run, recipe: { ...run.recipe, restoreBest: false } })).toBeNull();
  });
  it('is the base model itself where no step was better', () => {
    const result = runResult({ ...run, bestStep: 0 });
    expect(result?.tuned).toMatchObject({ step: 0, metrics: run.baseline });
  });
  it('is null before there is something to compare', () => {
    expect(runResult({ ...run, evaluations: [] })).toBeNull();
    expect(runResult({ ...run, baseline: null })).toBeNull();
  });
});

describe('words', () => {
  const interval = { low: 0.008, high: 0.0736 };
  const change = { intervals: { 'recall@1': interval, accuracy: { low: -0.02, high: 0.1 } }, groups: 100 };

  it('say the change of Recall@1 with its interval', () => {
    const tuned = { ...evaluation(20, 0.46), change };
    expect(resultChange({ task, base: run.baseline, tuned })).toMatchObject({
      label: 'Recall@1',
      before: '35.0',
      after: '47.0 %',
      gain: '+12.0 points',
      bareGain: '+12.0',
      interval: '0.8 to 7.4',
      verdict: 'better',
    });
  });
  it('tell by the accuracy of pictures where captions are few, and call nothing a change whose interval holds zero', () => {
    const few = { ...evaluation(20, 0.46), metrics: measured(0.46, 10), change };
    expect(resultChange({ task, base: measured(0.34, 10), tuned: few })).toMatchObject({
      label: 'Accuracy',
      before: '34.0',
      after: '46.0 %',
      interval: '−2.0 to 10.0',
      verdict: null,
    });
  });
  it('give no verdict without an interval', () => {
    const result = runResult(run);
    expect(result && resultChange(result)).toMatchObject({ gain: '+12.0 points', interval: null, verdict: null });
  });
  it('take a lower rank for better', () => {
    expect(verdictOf({ low: -3, high: -1 }, false)).toBe('better');
    expect(verdictOf({ low: 1, high: 3 }, false)).toBe('worse');
    expect(verdictOf({ low: -1, high: 3 }, false)).toBeNull();
  });
  it('write intervals with both signs', () => {
    expect(intervalText({ low: -0.0123, high: 0.0456 }, 100)).toBe('−1.2 to 4.6');
    expect(intervalText({ low: 0, high: 0.5 }, 1, 2)).toBe('0 to 0.50');
  });
  it('sign gains, losses and neither', () => {
    expect([12.06, -3, 0.04, -0.04].map((points) => signed(points))).toEqual(['+12.1', '−3.0', '±0', '±0']);
  });
  it('name the metric that decides', () => {
    const by = (selectionMetric: RecipeFields['selectionMetric'], captions?: number) =>
      selectionText(withFields(run.recipe, { selectionMetric }), measured(0.4, captions));
    expect(by('recall@1')).toEqual(['R@1', '41.0 %']);
    expect(by('recall@10')).toEqual(['R@10', '80.0 %']);
    expect(by('accuracy')).toEqual(['accuracy', '40.0 %']);
    expect(by('auto')).toEqual(['loss', '1.234']);
    expect(by('auto', 10)).toEqual(['accuracy', '40.0 %']);
    expect(by('validation-loss')).toEqual(['loss', '1.234']);
  });
});
