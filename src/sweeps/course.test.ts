import { describe, expect, test } from 'vitest';
import type { Run } from '../runs/types';
import { metricsOf, runOf } from '../training/testing/fakes';
import { bestTrial, nextStep, secondsSpent, settled, trialRecipe } from './course';
import { asha, sweepOf, trialOf } from './testing';

describe('what comes next', () => {
  test('trials begin until the budget of runs is spent', () => {
    const trials = [trialOf('finished', 0.5), trialOf('failed'), trialOf('stopped', 0.1)];
    expect(nextStep(sweepOf({ trials }))).toMatchObject({ kind: 'begin' });
    expect(nextStep(sweepOf({ trials: [...trials, trialOf('finished', 0.4)] }))).toEqual({
      kind: 'end',
      why: 'All 4 trials have ended.',
    });
  });

  test('or until the minutes are over, whatever could go on', () => {
    const trials = Array.from({ length: 9 }, (_, index) => ({ ...trialOf('waiting', index), seconds: 10 }));
    const sweep = sweepOf({ trials, method: asha, budget: { unit: 'minutes', amount: 1 } });
    expect(secondsSpent(sweep)).toBe(90);
    expect(nextStep(sweep)).toEqual({ kind: 'end', why: 'Its minute is over.' });
    expect(nextStep({ ...sweep, budget: { unit: 'minutes', amount: 2 } })).toEqual({ kind: 'promote', number: 8 });
  });

  test('a trial that was interrupted is taken up before all else', () => {
    const trials = [trialOf('finished', 0.5), trialOf('running')];
    expect(nextStep(sweepOf({ trials, budget: { unit: 'minutes', amount: 1 } }))).toEqual({
      kind: 'take-up',
      number: 1,
    });
  });

  test('a sweep whose combinations have all been tried ends', () => {
    const range = { kind: 'choice' as const, values: [1e-4] };
    const sweep = sweepOf({ fields: [{ key: 'learningRate', range }], trials: [trialOf('finished', 0.5)] });
    expect(nextStep(sweep)).toMatchObject({ kind: 'end', why: 'All combinations have been tried.' });
  });
});

const sweep = sweepOf({ trials: [trialOf('finished', 0.5), trialOf('running')], measuredBy: null });
const evaluation = (step: number, recall: number) => ({
  step,
  seconds: step,
  metrics: { ...metricsOf(recall), accuracy: recall },
  change: null,
});

/** A run of the trial, evaluated every ten steps. */
const run = (change: Partial<Run>): Run =>
  runOf(trialRecipe(sweep, { learningRate: 1e-3 }), {
    plan: { stepsPerEpoch: 9, batchSize: 8, microBatches: 1, evaluateEvery: 10 },
    totalSteps: 90,
    stepsDone: 90,
    seconds: 12,
    ...change,
  });

describe('what becomes of a trial', () => {
  test('it scores what the weights score that its run keeps', () => {
    const evaluations = [evaluation(10, 0.3), evaluation(20, 0.6), evaluation(30, 0.4)];
    const ended = settled(sweep, 1, { reason: 'finished', message: 'Done.', run: run({ evaluations, bestStep: 20 }) });
    expect(ended.measuredBy).toBe('accuracy');
    expect(ended.trials[1]).toMatchObject({
      state: 'finished',
      scores: [{ step: 20, value: 0.6 }],
      seconds: 12,
      message: 'Done.',
    });
    expect(bestTrial(ended)).toBe(1);
  });

  test('where no step was better than the base model, the best of the steps is what it scores', () => {
    const evaluations = [evaluation(10, 0.3), evaluation(20, 0.6), evaluation(30, 0.4)];
    const ended = settled(sweep, 1, { reason: 'finished', message: '', run: run({ evaluations, bestStep: 0 }) });
    expect(ended.trials[1]?.scores).toEqual([{ step: 20, value: 0.6 }]);
  });

  test('a run that keeps its last weights scores what those do', () => {
    const evaluations = [evaluation(10, 0.6), evaluation(20, 0.4)];
    const keepsLast = { ...run({ evaluations, bestStep: 10 }) };
    const ended = settled(sweep, 1, {
      reason: 'finished',
      message: '',
      run: { ...keepsLast, recipe: { ...keepsLast.recipe, restoreBest: false } },
    });
    expect(ended.trials[1]?.scores).toEqual([{ step: 20, value: 0.4 }]);
  });

  test('it waits at a rung, and is stopped before one', () => {
    const halving = { ...sweep, method: asha };
    const at = (stepsDone: number) =>
      settled(halving, 1, {
        reason: 'stopped',
        message: '',
        run: run({ evaluations: [evaluation(10, 0.3)], bestStep: 10, stepsDone }),
      }).trials[1]?.state;
    expect(at(10)).toBe('waiting');
    expect(at(9)).toBe('stopped');
  });

  test('a run that stops early has come to its end', () => {
    const halving = { ...sweep, method: asha };
    const end = { message: '', run: run({ evaluations: [evaluation(10, 0.3)], bestStep: 10, stepsDone: 10 }) };
    expect(settled(halving, 1, { reason: 'early-stopping', ...end }).trials[1]?.state).toBe('finished');
  });

  test('failures are noted with their reason, whatever is stored of the run', () => {
    const failed = settled(sweep, 1, { reason: 'failed', message: 'Out of memory.', run: null });
    expect(failed.trials[1]).toMatchObject({ state: 'failed', message: 'Out of memory.', scores: [] });
    expect(failed.trials[0]).toBe(sweep.trials[0]);
    const diverged = settled(sweep, 1, { reason: 'failed', message: 'Diverged.', run: run({ seconds: 30 }) });
    expect(diverged.trials[1]).toMatchObject({ state: 'failed', seconds: 30, scores: [] });
  });

  test('one whose run was deleted counts as stopped', () => {
    expect(settled(sweep, 1, { reason: 'stopped', message: 'gone', run: null }).trials[1]).toMatchObject({
      state: 'stopped',
      scores: [],
    });
  });

  test('a score that is no number is none', () => {
    const evaluations = [{ ...evaluation(10, NaN) }];
    const ended = settled(sweep, 1, { reason: 'finished', message: '', run: run({ evaluations, bestStep: 10 }) });
    expect(ended.trials[1]?.scores).toEqual([{ step: 10, value: null }]);
  });
});

test('the best trial is one of those that came farthest', () => {
  const trials = [
    trialOf('waiting', 0.9),
    trialOf('finished', 0.3, 0.4, 0.5),
    trialOf('finished', 0.2, 0.4, 0.6),
    trialOf('failed'),
  ];
  expect(bestTrial(sweepOf({ method: asha, trials }))).toBe(2);
  expect(bestTrial(sweepOf({ trials: [trialOf('failed')] }))).toBeNull();
  const losses = [trialOf('finished', 0.9), trialOf('finished', 0.3)];
  expect(bestTrial(sweepOf({ trials: losses, measuredBy: 'loss' }))).toBe(1);
});
