import { describe, expect, it } from 'vitest';
import { MetricColumns } from '../../stores/metricColumns';
import type { Evaluation } from '../../protocol/training';
import { tasks } from '../../tasks';
import { namedMetrics } from '../../tasks/contrastive/structured';
import type { Metrics } from '../../tasks/metrics';
import { chartsOf, chartSpec, keptPlace, runEnd, type Chart } from './chartSpecs';
import type { RunCurves } from './runCurves';

const measured = (loss: number, recallAt1: number): Metrics =>
  namedMetrics({
    imageToText: { recallAt1, recallAt5: recallAt1 + 0.2, recallAt10: recallAt1 + 0.3, meanRank: 9, medianRank: 3 },
    textToImage: { recallAt1: recallAt1 + 0.05, recallAt5: 0.7, recallAt10: 0.8, meanRank: 9, medianRank: 3 },
    gallery: 100,
    captions: 100,
    guess: null,
    loss,
    lossPairs: 64,
  });
const evaluation = (step: number, recallAt1: number): Evaluation => ({
  step,
  seconds: step * 2,
  metrics: measured(3 - step / 100, recallAt1),
  change: null,
});
const charts = chartsOf(tasks.contrastive);
const chart = (id: string): Chart => charts.find((each) => each.id === id)!;
const curves: RunCurves = {
  task: tasks.contrastive,
  metrics: MetricColumns.of(
    Array.from({ length: 100 }, (_, index) => ({
      step: index + 1,
      epoch: (index + 1) / 20,
      loss: 3 - index / 50,
      gradNorm: 1,
      learningRate: 1e-4,
      imagesPerSecond: 100,
      seconds: (index + 1) * 2,
      extra: { logitScale: 14 },
    })),
  ),
  baseline: measured(3, 0.35),
  evaluations: [evaluation(50, 0.4), evaluation(100, 0.45)],
  batchSize: 128,
  totalSteps: 200,
  totalSeconds: 400,
  events: [],
  keptStep: null,
};

describe('keptPlace', () => {
  it.each([
    ['step', 50],
    ['epoch', 2.5],
    ['time', 100],
  ] as const)('is where the kept weights come from, along the %s', (axis, place) => {
    expect(keptPlace({ ...curves, keptStep: 50 }, axis)).toBeCloseTo(place, 9);
  });

  it('is the beginning where the base model is kept', () => {
    expect(keptPlace({ ...curves, keptStep: 0 }, 'step')).toBe(0);
  });

  it('is nowhere in a run that goes on, keeps its last weights or was best at its end', () => {
    expect(keptPlace(curves, 'step')).toBeNull();
    expect(keptPlace({ ...curves, keptStep: 100 }, 'step')).toBeNull();
  });
});

describe('chartSpec', () => {
  it('shows recall in per cent, from the base model on, with the base as a line', () => {
    const { series, baseline } = chartSpec(chart('text-to-image@1'), curves, 'step');
    expect([...(series[0]?.x as number[])]).toEqual([0, 50, 100]);
    const [base, half, end] = Array.from(series[0]?.y ?? []);
    expect(base).toBeCloseTo(40, 9);
    expect(half).toBeCloseTo(45, 9);
    expect(end).toBeCloseTo(50, 9);
    expect(baseline).toBeCloseTo(40, 9);
    expect(series[0]?.role).toBe('validation');
  });

  it('draws losses over batches of different sizes in charts of their own, and names the sizes', () => {
    const training = chartSpec(chart('loss'), curves, 'step');
    expect(training).toMatchObject({ title: 'Training loss, batches of 128', baseline: null });
    expect(training.series.map(({ y }) => y.length)).toEqual([100]);
    const validation = chartSpec(chart('validation-loss'), curves, 'step');
    expect(validation).toMatchObject({ title: 'Validation loss, batches of 64', baseline: 3 });
    expect(validation.series.map(({ y }) => Array.from(y))).toEqual([[3, 2.5, 2]]);
  });

  it.each([
    ['step', 50, 200],
    ['epoch', 2.5, 10],
    ['time', 100, 400],
  ] as const)('places evaluations and the end along the %s', (axis, place, end) => {
    expect(chartSpec(chart('image-to-text@5'), curves, axis).series[0]?.x[1]).toBeCloseTo(place, 9);
    expect(chartSpec(chart('learning-rate'), curves, axis).series[0]?.x[49]).toBeCloseTo(place, 9);
    expect(runEnd(curves, axis)).toBeCloseTo(end, 9);
  });

  it('has every chart, empty before the first step', () => {
    const empty: RunCurves = { ...curves, metrics: MetricColumns.empty, baseline: null, evaluations: [] };
    for (const each of charts.flatMap((one) => chartSpec(one, empty, 'step').series)) expect(each.y).toHaveLength(0);
    expect(charts.map(({ id }) => id)).toEqual([
      'loss',
      'validation-loss',
      'text-to-image@1',
      'image-to-text@1',
      'text-to-image@5',
      'image-to-text@5',
      'text-to-image@10',
      'image-to-text@10',
      'learning-rate',
      'gradient-norm',
      'logit-scale',
      'images-per-second',
    ]);
  });
});
