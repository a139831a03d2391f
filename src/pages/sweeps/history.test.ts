import { expect, test } from 'vitest';
import { asha, sweepOf, trialOf } from '../../sweeps/testing';
import { historyOf } from './history';

test('the best up to each trial never falls, and trials without a score are left out', () => {
  const trials = [0.3, 0.2, null, 0.5, 0.4].map((value) => trialOf(value === null ? 'failed' : 'finished', value));
  const points = historyOf(sweepOf({ trials }));
  expect(points.map(({ number, value, best }) => [number, value, best])).toEqual([
    [0, 0.3, 0.3],
    [1, 0.2, 0.3],
    [3, 0.5, 0.5],
    [4, 0.4, 0.5],
  ]);
  expect(points.every(({ farthest }) => farthest)).toBe(true);
});

test('trials that were cut short are told from those that came farthest', () => {
  const trials = [trialOf('waiting', 0.9), trialOf('finished', 0.3, 0.4, 0.6), trialOf('stopped', 0.1)];
  const points = historyOf(sweepOf({ method: asha, trials }));
  expect(points.map(({ best, farthest }) => [best, farthest])).toEqual([
    [0.9, false],
    [0.6, true],
    [0.6, false],
  ]);
});
