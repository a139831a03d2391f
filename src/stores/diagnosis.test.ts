import { describe, expect, it } from 'vitest';
import type { Evaluation, StepMetrics } from '../protocol/protocol';
import { recipeSchema } from '../recipe/schema';
import { tasks } from '../tasks';
import type { Metrics } from '../tasks/metrics';
import { metricsOf } from '../training/testing/fakes';
import { diagnose, type RunCurves } from './diagnosis';
import { MetricColumns } from './metricColumns';

const measured = (loss: number, recallAt1: number, more: Metrics = {}): Metrics => ({
  ...metricsOf(recallAt1, loss),
  pictures: 100,
  captions: 100,
  ...more,
});
const evaluation = (step: number, loss: number, recallAt1 = 0.5): Evaluation => ({
  step,
  seconds: step,
  metrics: measured(loss, recallAt1),
  change: null,
});
const steps = (count: number, change: (step: number) => Partial<StepMetrics>): MetricColumns =>
  MetricColumns.of(
    Array.from({ length: count }, (_, index) => ({
      step: index + 1,
      epoch: 0,
      loss: 3,
      gradNorm: 1,
      learningRate: 1e-4,
      imagesPerSecond: 10,
      seconds: index,
      extra: { logitScale: 14 },
      ...change(index + 1),
    })),
  );
const falling = steps(300, (step) => ({ loss: 3 * Math.exp(-step / 200) }));
const curves = (change: Partial<RunCurves>): RunCurves => ({
  task: tasks.contrastive,
  recipe: recipeSchema.parse({}),
  metrics: falling,
  baseline: measured(3, 0.35),
  evaluations: [],
  forgets: false,
  ...change,
});
const ids = (change: Partial<RunCurves>): string[] => diagnose(curves(change)).map(({ id }) => id);

describe('diagnose', () => {
  it('finds nothing wrong with a run that goes well', () => {
    expect(ids({})).toEqual([]);
    expect(ids({ evaluations: [1, 2, 3, 4, 5, 6].map((i) => evaluation(i * 50, 3 - i * 0.3)) })).toEqual([]);
  });

  it('sees validation loss flat while training loss falls, and since when', () => {
    const losses = [2.5, 2, 2.01, 1.995, 2.02, 2.01];
    const [finding] = diagnose(curves({ evaluations: losses.map((loss, i) => evaluation((i + 1) * 50, loss)) }));
    expect(finding).toMatchObject({ id: 'flat', action: 'stop' });
    expect(finding?.title).toContain('since step 100');
    expect(finding?.text).toContain('The best point is kept');
  });

  it('calls it rising when it rises', () => {
    const losses = [2.5, 2, 2.1, 2.2, 2.3, 2.4];
    expect(ids({ evaluations: losses.map((loss, i) => evaluation((i + 1) * 50, loss)) })).toEqual(['overfitting']);
  });

  it('is silent where training loss is flat too', () => {
    const metrics = steps(300, () => ({}));
    const losses = [2.5, 2, 2, 2, 2, 2];
    expect(ids({ metrics, evaluations: losses.map((loss, i) => evaluation((i + 1) * 50, loss)) })).toEqual([]);
  });

  it('reports a loss that is not a number before all else', () => {
    const metrics = steps(60, (step) => (step >= 40 ? { loss: Number.NaN } : { gradNorm: step % 5 === 0 ? 100 : 1 }));
    const findings = diagnose(curves({ metrics }));
    expect(findings).toHaveLength(1);
    expect(findings[0]?.title).toContain('step 40');
  });

  it('sees a model that has become worse than its base', () => {
    const interval = { low: -0.2, high: -0.05 };
    const worse = { intervals: { 'recall@1': interval }, groups: 100 };
    const evaluations = [1, 2, 3].map((i) => ({ ...evaluation(i * 50, 3 - i * 0.1, 0.2), change: worse }));
    expect(ids({ evaluations })).toEqual(['below-base']);
    expect(ids({ evaluations: evaluations.slice(1) })).toEqual([]);
    const unsure = { ...worse, intervals: { 'recall@1': { low: -0.2, high: 0.05 } } };
    expect(ids({ evaluations: evaluations.map((each) => ({ ...each, change: unsure })) })).toEqual([]);
  });

  it('says when the base model does little better than guessing', () => {
    const rank = (meanRank: number) =>
      measured(3, 0.02, { 'guess.imageToText.meanRank': 50.5, 'imageToText.meanRank': meanRank });
    expect(ids({ baseline: rank(40) })).toEqual(['near-chance']);
    expect(ids({ baseline: rank(10) })).toEqual([]);
  });

  it('warns early in a run that large steps spoil what a base model does well', () => {
    const baseline = measured(3, 0.68, { 'guess.imageToText.meanRank': 50.5, 'imageToText.meanRank': 5 });
    expect(ids({ baseline, forgets: true })).toEqual(['forgets']);
    expect(ids({ baseline, forgets: false })).toEqual([]);
    const evaluations = [1, 2, 3].map((i) => evaluation(i * 50, 3 - i * 0.1, 0.7));
    expect(ids({ baseline, forgets: true, evaluations })).toEqual([]);
  });

  it('sees leaping gradients and a clamped logit scale', () => {
    expect(ids({ metrics: steps(200, (step) => ({ gradNorm: step % 40 === 0 ? 50 : 1 })) })).toEqual(['spikes']);
    expect(ids({ metrics: steps(60, () => ({ extra: { logitScale: 100 } })) })).toEqual(['clamped']);
  });
});
