import { expect, test } from 'vitest';
import { learningRate, optimizer, sweepOf, trialOf } from '../testing';
import { importanceOf, placeOf } from './importance';

test('values lie along the scale of their range, those of a list each in the middle of its part', () => {
  expect(placeOf(learningRate.range, 1e-5)).toBe(0);
  expect(placeOf(learningRate.range, 1e-3)).toBeCloseTo(2 / 3, 10);
  expect(placeOf(optimizer.range, 'sgd')).toBe(0.75);
  expect(placeOf({ kind: 'between', min: 2, max: 10, scale: 'linear', whole: true }, 4)).toBe(0.25);
});

test('fields come in the order of what they do, by what all trials have in common', () => {
  const fields = [learningRate, optimizer];
  const trials = [1e-5, 1e-4, 1e-3, 1e-2].flatMap((rate) =>
    ['adamw', 'sgd'].map((name) => ({
      // What a few scored on a higher rung has no part in it.
      ...trialOf('waiting', name === 'sgd' ? 0.2 : 0.8, ...(rate === 1e-2 ? [0.9] : [])),
      values: { learningRate: rate, optimizer: name },
    })),
  );
  const found = importanceOf(sweepOf({ fields, trials })) ?? [];
  expect(found.map(({ key }) => key)).toEqual(['optimizer', 'learningRate']);
  expect(found[0]?.share).toBeGreaterThan(0.9);
});

test('few trials, and those that failed or were stopped early, say nothing', () => {
  const trials = [trialOf('finished', 0.1), trialOf('failed'), trialOf('stopped', 0.3), trialOf('finished', 0.5)];
  expect(importanceOf(sweepOf({ trials }))).toBeNull();
});
