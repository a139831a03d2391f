import { describe, expect, it } from 'vitest';
import type { EvaluationMetrics, StepMetrics } from '../training/protocol';
import { diagnose, type RunCurves } from './diagnosis';
import { MetricColumns } from './metricColumns';

const recall = (recallAt1: number) => ({ recallAt1, recallAt5: 0.7, recallAt10: 0.8, meanRank: 5, medianRank: 2 });
const evaluation = (step: number, loss: number, r1 = 0.5): EvaluationMetrics => ({
  imageToText: recall(r1),
  textToImage: recall(r1),
  gallery: 100,
  loss,
  step,
  seconds: step,
});
const steps = (count: number, change: (step: number) => Partial<StepMetrics>): MetricColumns =>
  MetricColumns.of(
    Array.from({ length: count }, (_, index) => ({
      step: index + 1,
      epoch: 0,
      loss: 3,
      gradNorm: 1,
      learningRate: 1e-4,
      logitScale: 14,
      imagesPerSecond: 10,
      seconds: index,
      ...change(index + 1),
    })),
  );
const falling = steps(300, (step) => ({ loss: 3 * Math.exp(-step / 200) }));
const curves = (change: Partial<RunCurves>): RunCurves => ({
  metrics: falling,
  baseline: evaluation(0, 3, 0.35),
  evaluations: [],
  maxLogitScale: 100,
  restoreBest: true,
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
    const evaluations = [1, 2, 3].map((i) => evaluation(i * 50, 3 - i * 0.1, 0.2));
    expect(ids({ evaluations })).toEqual(['below-base']);
    expect(ids({ evaluations: evaluations.slice(1) })).toEqual([]);
  });

  it('sees leaping gradients and a clamped logit scale', () => {
    expect(ids({ metrics: steps(200, (step) => ({ gradNorm: step % 40 === 0 ? 50 : 1 })) })).toEqual(['spikes']);
    expect(ids({ metrics: steps(60, () => ({ logitScale: 100 })) })).toEqual(['clamped']);
  });
});
