import { describe, expect, it } from 'vitest';
import type { Evaluation, StepMetrics, TrainingEvent } from '../protocol/training';
import { recipeSchema } from '../recipe/schema';
import { metricsOf } from '../training/testing/fakes';
import { afterEvent, newLiveRun, type LiveRun } from './liveRun';

const runId = 'r1';
const evaluation = (step: number, loss = 1): Evaluation => ({
  step,
  seconds: step,
  metrics: metricsOf(0.5, loss),
  change: null,
});
const step = (number: number): StepMetrics => ({
  step: number,
  epoch: 0,
  loss: 2,
  gradNorm: 1,
  learningRate: 1e-4,
  extra: { logitScale: 14 },
  imagesPerSecond: 10,
  seconds: number,
});
const play = (events: readonly TrainingEvent[]): LiveRun =>
  events.reduce(
    afterEvent,
    newLiveRun({ runId, name: 'amber-heron', recipe: recipeSchema.parse({}), datasetId: 'd1' }),
  );

describe('afterEvent', () => {
  it('puts a run together from what the worker says', () => {
    const run = play([
      { type: 'phase', runId, phase: 'preparing', detail: 'Reading pictures', fraction: 0.5 },
      { type: 'plan', runId, totalSteps: 300, stepsPerEpoch: 30, batchSize: 64, evaluateEvery: 15, notes: ['a note'] },
      { type: 'baseline', runId, metrics: metricsOf(0.4) },
      { type: 'steps', runId, steps: [step(1), step(2)], secondsLeft: 40 },
      { type: 'steps', runId, steps: [step(3)], secondsLeft: 39 },
      { type: 'evaluation', runId, evaluation: evaluation(3), predictions: [], best: true },
      { type: 'evaluation', runId, evaluation: evaluation(6), predictions: [], best: false },
    ]);
    expect(run).toMatchObject({ totalSteps: 300, batchSize: 64, secondsLeft: 39, bestStep: 3, notes: ['a note'] });
    expect(run.metrics.length).toBe(3);
    expect(run.evaluations.map((each) => each.step)).toEqual([3, 6]);
    expect(run.end).toBeNull();
  });

  it('evaluating twice at one step keeps the newer', () => {
    const run = play([
      { type: 'evaluation', runId, evaluation: evaluation(5, 1), predictions: [], best: true },
      { type: 'evaluation', runId, evaluation: evaluation(5, 2), predictions: [], best: false },
    ]);
    expect(run.evaluations.map(({ metrics }) => metrics['loss'])).toEqual([2]);
  });

  it('has the base model to beat from the first measurement on', () => {
    const measured: TrainingEvent = { type: 'baseline', runId, metrics: metricsOf(0.4) };
    const worse: TrainingEvent = { type: 'evaluation', runId, evaluation: evaluation(5), predictions: [], best: false };
    expect(play([measured, worse]).bestStep).toBe(0);
  });

  it('stays held while it is evaluated in a pause', () => {
    const phase = (name: LiveRun['phase']): TrainingEvent => ({
      type: 'phase',
      runId,
      phase: name,
      detail: '',
      fraction: null,
    });
    const held = [phase('paused'), phase('evaluating')];
    expect(play(held)).toMatchObject({ phase: 'evaluating', paused: true });
    const evaluated: TrainingEvent = {
      type: 'evaluation',
      runId,
      evaluation: evaluation(6),
      predictions: [],
      best: true,
    };
    expect(play([...held, evaluated])).toMatchObject({ phase: 'paused', paused: true });
    expect(play([...held, evaluated, phase('training')])).toMatchObject({ phase: 'training', paused: false });
    expect(play([phase('training'), phase('evaluating')])).toMatchObject({ paused: false });
  });

  it('ignores other runs and everything after the end', () => {
    const ended: TrainingEvent = { type: 'ended', runId, reason: 'stopped', message: '', bestStep: 7 };
    const run = play([
      { type: 'steps', runId: 'other', steps: [step(1)], secondsLeft: 1 },
      ended,
      { type: 'steps', runId, steps: [step(1)], secondsLeft: 1 },
    ]);
    expect(run.metrics.length).toBe(0);
    expect(run.end).toEqual({ reason: 'stopped', message: '', bestStep: 7, lost: false });
    expect(run.bestStep).toBe(7);
  });
});
