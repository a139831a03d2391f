import { expect, test } from 'vitest';
import { learningRate, optimizer, sweepOf, trialOf } from '../../sweeps/testing';
import { axesOf, linesOf } from './parallel';

const trials = [
  { ...trialOf('finished', 0.2), values: { learningRate: 1e-5, optimizer: 'sgd' } },
  { ...trialOf('finished', 0.6), values: { learningRate: 1e-2, optimizer: 'adamw' } },
  { ...trialOf('failed'), values: { learningRate: 1e-3, optimizer: 'adamw' } },
  { ...trialOf('finished', 0.4), values: { learningRate: 1e-3, optimizer: 'adamw' } },
];
const sweep = sweepOf({ fields: [learningRate, optimizer], trials });

test('each field has an axis along its scale, and the score has the last', () => {
  const [rate, kind, score] = axesOf(sweep);
  expect(rate?.ticks.map(({ text }) => text)).toEqual(['1e-5', '3.2e-4', '0.01']);
  expect(rate?.ticks[1]?.place).toBeCloseTo(0.5, 2);
  expect(kind?.ticks).toEqual([
    { place: 0.25, text: 'AdamW' },
    { place: 0.75, text: 'SGD with momentum' },
  ]);
  expect(score?.ticks.map(({ text }) => text)).toEqual(['20.0 %', '40.0 %', '60.0 %']);
});

test('each measured trial has a line, the best above the others', () => {
  const lines = linesOf(sweep);
  expect(lines.map(({ number }) => number)).toEqual([0, 3, 1]);
  expect(lines[0]?.places).toEqual([0, 0.75, 0]);
  expect(lines[2]?.places).toEqual([1, 0.25, 1]);
  expect(lines[1]?.goodness).toBeCloseTo(0.5, 10);
});

test('where less is better, the least stands at the head', () => {
  const losses = { ...sweep, measuredBy: 'loss' };
  expect(
    axesOf(losses)
      .at(-1)
      ?.ticks.map(({ text }) => text),
  ).toEqual(['0.600', '0.400', '0.200']);
  expect(linesOf(losses).at(-1)?.number).toBe(0);
});

test('before anything was measured there is nothing to draw', () => {
  expect(axesOf(sweepOf())).toEqual([]);
  expect(linesOf(sweepOf({ trials: [trialOf('failed')] }))).toEqual([]);
});
