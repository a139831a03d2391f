import { describe, expect, it } from 'vitest';
import { applyPreset } from '../recipe/presets';
import type { Run } from '../runs/types';
import { chosenRun, usableRuns, weightsKey, weightsOf } from './chosenWeights';

const run = (id: string, weightsStep: number | null, state: Run['state'] = 'finished'): Run => ({
  id,
  name: id,
  recipe: applyPreset('full'),
  base: null,
  plan: null,
  dataset: { id: 'd', name: 'd', images: 1, train: 1, validation: 0, test: 0, fingerprint: '' },
  environment: { backend: 'webgpu', adapter: null, userAgent: '', version: '' },
  createdAt: 0,
  endedAt: null,
  state,
  message: '',
  totalSteps: 1,
  stepsDone: 1,
  seconds: 1,
  events: [],
  baseline: null,
  evaluations: [],
  bestStep: null,
  weightsStep,
  tensors: [],
  predictions: null,
  labels: null,
  scales: null,
  remarks: '',
  tags: [],
  test: null,
});

describe('chosen weights', () => {
  const all = [run('a', 3, 'running'), run('b', null), run('c', 5, 'interrupted'), run('d', 7)];
  const runs = usableRuns(all, new Set());

  it('are of runs that have kept some and are over', () => {
    expect(runs.map(({ id }) => id)).toEqual(['c', 'd']);
    expect(usableRuns(null, new Set())).toEqual([]);
  });

  it('are those of a run, too, that a full disk left in memory', () => {
    expect(usableRuns(all, new Set(['a', 'b'])).map(({ id }) => id)).toEqual(['b', 'c', 'd']);
  });

  it('are the newest unless something else was chosen that is still there', () => {
    expect(chosenRun(null, runs)?.id).toBe('c');
    expect(chosenRun('d', runs)?.id).toBe('d');
    expect(chosenRun('gone', runs)?.id).toBe('c');
    expect(chosenRun('base', runs)).toBeNull();
    expect(chosenRun(null, [])).toBeNull();
  });

  it('are told to the worker, with a key of their own', () => {
    expect(weightsOf(null, 'seed-clip')).toEqual({ kind: 'base', model: 'seed-clip' });
    expect(weightsOf(run('d', 7), 'seed-clip')).toEqual({ kind: 'run', runId: 'd' });
    expect(weightsKey(run('d', 7), 'seed-clip')).not.toBe(weightsKey(run('d', 9), 'seed-clip'));
    expect(weightsKey(null, 'seed-clip')).not.toBe(weightsKey(null, 'other'));
  });
});
