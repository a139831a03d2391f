import { describe, expect, it } from 'vitest';
import { recipeSchema } from '../../recipe/schema';
import type { EvaluationMetrics } from '../../training/protocol';
import { mayBeChance, recallChange, restoredStep, runResult, selectionText, signed } from './result';

const direction = (recallAt1: number) => ({ recallAt1, recallAt5: 0.7, recallAt10: 0.8, meanRank: 9, medianRank: 3 });
const evaluation = (step: number, r1: number): EvaluationMetrics => ({
  imageToText: direction(r1),
  textToImage: direction(r1 + 0.02),
  gallery: 100,
  loss: 1.2345,
  step,
  seconds: 0,
});
const run = {
  recipe: recipeSchema.parse({}),
  baseline: evaluation(0, 0.34),
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
  it('is null before there is something to compare', () => {
    expect(runResult({ ...run, evaluations: [] })).toBeNull();
    expect(runResult({ ...run, baseline: null })).toBeNull();
  });
});

describe('words', () => {
  it('say the change of Recall@1', () => {
    const result = runResult(run);
    expect(result && recallChange(result)).toEqual({ before: '35.0', after: '47.0', gain: '+12.0', verdict: 'better' });
  });
  it('call no change of two pictures better or worse', () => {
    expect(mayBeChance(-2 / 166, 166)).toBe(true);
    expect(mayBeChance(3 / 166, 166)).toBe(false);
    expect(recallChange({ base: evaluation(0, 0.4), tuned: evaluation(1, 0.41) }).verdict).toBeNull();
    expect(recallChange({ base: evaluation(0, 0.4), tuned: evaluation(1, 0.3) }).verdict).toBe('worse');
  });
  it('sign gains, losses and neither', () => {
    expect([12.06, -3, 0.04, -0.04].map((points) => signed(points))).toEqual(['+12.1', '−3.0', '±0', '±0']);
  });
  it('name the metric that decides', () => {
    expect(selectionText('recall@1', evaluation(1, 0.4))).toEqual(['R@1', '41.0 %']);
    expect(selectionText('recall@10', evaluation(1, 0.4))).toEqual(['R@10', '80.0 %']);
    expect(selectionText('validation-loss', evaluation(1, 0.4))).toEqual(['loss', '1.234']);
  });
});
