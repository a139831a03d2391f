import { describe, expect, test } from 'vitest';
import { finishedRun } from '../../../export/testing/facts';
import type { RunsCompared } from '../../../protocol/compared';
import { withFields } from '../../../recipe/fields';
import { differingFields } from '../../../recipe/table';
import type { Run } from '../../../runs/types';
import { MetricColumns } from '../../../stores/metricColumns';
import { chartsOf } from '../../runs/chartSpecs';
import { curvesOfRecord } from '../../runs/runCurves';
import { comparable } from './comparable';
import { comparedRuns, overlayEnd, overlaySpec, type OverlaidRun } from './overlay';
import { sidesOfKind, turnedFrom } from './sides';
import { measuredRows, notedRows } from './table';

const run = (id: string, changes: Partial<Run> = {}): Run => ({ ...finishedRun, id, name: id, ...changes });

const rows = (steps: number, loss: number) =>
  MetricColumns.of(
    Array.from({ length: steps }, (_, index) => ({
      step: index + 1,
      epoch: (index + 1) / 32,
      loss,
      gradNorm: 1,
      learningRate: 1e-4,
      imagesPerSecond: 10,
      seconds: index + 1,
      extra: { logitScale: 14 },
    })),
  );

const overlaid = (runs: readonly Run[]): readonly OverlaidRun[] =>
  comparedRuns(runs, new Map(runs.map(({ id }, place) => [id, (place % 2) + 1]))).map((each, place) => ({
    ...each,
    curves: curvesOfRecord(each.run, rows(10 * (place + 1), place)),
  }));

describe('curves over each other', () => {
  const chart = (id: string) => chartsOf(curvesOfRecord(finishedRun, rows(1, 1)).task).find((each) => each.id === id)!;

  test('each run has its own colour, and a pattern where the colour was taken', () => {
    const spec = overlaySpec(chart('loss'), overlaid([run('a'), run('b'), run('c')]), 'step');
    expect(spec?.series.map(({ id, label, line }) => [id, label, line])).toEqual([
      ['a', 'a', { color: 'var(--run-1)', dash: null }],
      ['b', 'b', { color: 'var(--run-2)', dash: null }],
      ['c', 'c', { color: 'var(--run-1)', dash: '7 4' }],
    ]);
    expect(spec?.series.map(({ y }) => y.length)).toEqual([10, 20, 30]);
  });

  test('the base model is drawn where it is the same for all, and losses over other batches are called so', () => {
    const same = overlaid([run('a'), run('b')]);
    const validation = chart('validation-loss');
    expect(overlaySpec(validation, same, 'step')?.baseline).toBe(finishedRun.baseline?.['loss']);
    const other = run('c', {
      baseline: { ...finishedRun.baseline, loss: 9 },
      plan: { ...finishedRun.plan!, batchSize: 64 },
    });
    const mixed = overlaid([run('a'), other]);
    expect(overlaySpec(validation, mixed, 'step')?.baseline).toBeNull();
    expect(overlaySpec(chart('loss'), mixed, 'step')?.title).toBe('Training loss, over different batches');
    expect(overlaySpec(chart('loss'), same, 'step')?.title).toBe('Training loss, batches of 32');
  });

  test('the axis is as long as the longest run', () => {
    expect(overlayEnd(overlaid([run('a'), run('b')]), 'step')).toBe(20);
    expect(overlayEnd([], 'step')).toBe(0);
    expect(overlaySpec(chart('loss'), [], 'step')).toBeNull();
  });
});

test('runs on other data, on another split, or of another task are not ranked with the first', () => {
  const { dataset, recipe } = finishedRun;
  const [first, same] = [run('a'), run('b')];
  const resplit = run('c', { dataset: { ...dataset, fingerprint: 'new' } });
  const other = run('d', { dataset: { ...dataset, id: 'd2', name: 'Hats', fingerprint: 'hats' } });
  const classes = run('e', { recipe: withFields(recipe, { task: 'classification' }) });
  const { ranked, apart } = comparable([first, resplit, same, other, classes]);
  expect(ranked).toEqual([first, same]);
  expect(apart.map(({ run: { id }, reason }) => [id, reason.split(',')[0]])).toEqual([
    ['c', 'Shoe shop was split or edited between it and a'],
    ['d', 'it was made on Hats'],
    ['e', 'it teaches something else than a'],
  ]);
  expect(comparable([])).toEqual({ ranked: [], apart: [] });
});

test('recipes are shown by the fields in which not all are alike, where these have an effect', () => {
  const { recipe } = finishedRun;
  const recipes = [
    withFields(recipe, { learningRate: 1e-4 }),
    withFields(recipe, { learningRate: 3e-4, optimizer: 'sgd', momentum: 0.8 }),
    withFields(recipe, { learningRate: 1e-4, momentum: 0.7 }),
  ];
  const fields = differingFields(recipes);
  expect(fields.find(({ key }) => key === 'learningRate')).toEqual({
    key: 'learningRate',
    label: 'Learning rate',
    values: ['1e-4', '3e-4', '1e-4'],
  });
  expect(fields.find(({ key }) => key === 'momentum')?.values).toEqual(['–', '0.8', '–']);
  expect(fields.map(({ key }) => key)).toContain('optimizer');
  expect(fields.map(({ key }) => key)).not.toContain('seed');
  expect(differingFields([recipe, recipe])).toEqual([]);
});

const outcome = (right: boolean, score: number) => ({ right, score, said: right ? 'this' : 'that' });
const result: RunsCompared = {
  task: 'contrastive',
  split: 'test',
  samples: ['1', '2', '2', '3'].map((imageId) => ({ imageId, wanted: 'this' })),
  runs: [
    {
      runId: 'a',
      metrics: { 'recall@1': 0.5, loss: 2 },
      intervals: { 'recall@1': { low: 0.4, high: 0.6 } },
      change: null,
      outcomes: [outcome(true, 0.9), outcome(false, 0.2), outcome(false, 0.3), outcome(false, 0.1)],
      turned: null,
    },
    {
      runId: 'b',
      metrics: { 'recall@1': 0.7, loss: 1 },
      intervals: null,
      change: {
        intervals: { 'recall@1': { low: 0.05, high: 0.35 }, loss: { low: -2, high: 0.1 } },
        groups: 4,
        pValues: { 'recall@1': 0.0123 },
      },
      outcomes: [outcome(false, 0.4), outcome(true, 0.8), outcome(true, 0.6), outcome(false, 0.1)],
      turned: { fixed: 2, broken: 1, pValue: 1 },
    },
  ],
};

test('scores have their intervals, and those behind the first what tells them from it', () => {
  const found = measuredRows(result);
  const recall = found.find(({ cells }) => cells[0]?.value.startsWith('50'));
  expect(recall?.cells).toEqual([
    { value: '50.0 %', interval: '40.0 to 60.0', against: null, verdict: null, best: false },
    { value: '70.0 %', interval: null, against: '+20.0, 5.0 to 35.0, p 0.012', verdict: 'better', best: true },
  ]);
  const loss = found.find(({ label }) => label.toLowerCase().includes('loss'));
  expect(loss?.cells[1]).toMatchObject({ verdict: null, best: true });
});

test('what runs noted stands beside each other, and is told from nothing', () => {
  const test = { step: 200, base: {}, tuned: { 'recall@1': 0.4 }, change: null, about: {} };
  const [first] = notedRows([run('a', { test, weightsStep: 200 }), run('b', { test, weightsStep: 100 })]);
  expect(first?.cells).toEqual([
    { value: '40.0 %', interval: null, against: null, verdict: null, best: false },
    { value: '–', interval: null, against: null, verdict: null, best: false },
  ]);
  expect(notedRows([])).toEqual([]);
});

test('samples that turned are shown with what each run said, those that changed most first', () => {
  const changes = turnedFrom(result, 'b')!;
  expect([changes.fixed.count, changes.broken.count, changes.wrong.count]).toEqual([2, 1, 1]);
  expect(
    sidesOfKind(result, changes, 'fixed').map(({ sample, outcomes }) => [
      sample.imageId,
      ...outcomes.map(({ score }) => score),
    ]),
  ).toEqual([
    ['2', 0.2, 0.8],
    ['2', 0.3, 0.6],
  ]);
  expect(turnedFrom(result, 'a')).toBeNull();
  expect(turnedFrom(result, 'gone')).toBeNull();
});
