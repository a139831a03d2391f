import { expect, test } from 'vitest';
import { taskOf } from '../tasks';
import { isWeak, type Curve } from './median';
import { sweepOf } from './testing';

const metric = (name: string) => {
  const found = taskOf(sweepOf().recipe).metrics.find((each) => each.name === name);
  if (found === undefined) throw new Error(name);
  return found;
};
const accuracy = metric('accuracy');

/** A run that is evaluated every ten steps. */
const curve = (name: string, totalSteps: number, ...values: readonly number[]): Curve => ({
  totalSteps,
  evaluations: values.map((value, index) => ({
    step: 10 * (index + 1),
    seconds: 1,
    metrics: { [name]: value },
    change: null,
  })),
});
const earlier = [0.2, 0.4, 0.5, 0.9].map((value) => curve('accuracy', 40, 0.1, value, 0.9, 0.9));

test('a trial whose best is below the median of the others at the same place is weak', () => {
  expect(isWeak(curve('accuracy', 40, 0.1, 0.44), earlier, accuracy)).toBe(true);
  expect(isWeak(curve('accuracy', 40, 0.1, 0.45), earlier, accuracy)).toBe(false);
  // What it had before counts.
  expect(isWeak(curve('accuracy', 40, 0.5, 0.2), earlier, accuracy)).toBe(false);
});

test('where less is better, it is the other way round', () => {
  const losses = [1, 2, 3, 4].map((value) => curve('loss', 40, 9, value, 0.1));
  expect(isWeak(curve('loss', 40, 9, 2.6), losses, metric('loss'))).toBe(true);
  expect(isWeak(curve('loss', 40, 9, 2.4), losses, metric('loss'))).toBe(false);
});

test('none is at its beginning, or before there are others enough', () => {
  expect(isWeak(curve('accuracy', 60, 0.01), earlier, accuracy)).toBe(false);
  expect(isWeak(curve('accuracy', 40, 0.1, 0.1), earlier.slice(1), accuracy)).toBe(false);
  expect(isWeak(curve('accuracy', 40), earlier, accuracy)).toBe(false);
});

test('trials of other lengths are held against each other at the same share', () => {
  expect(isWeak(curve('accuracy', 20, 0.44), earlier, accuracy)).toBe(true);
  expect(isWeak(curve('accuracy', 20, 0.46), earlier, accuracy)).toBe(false);
});

test('a trial that scores no numbers is weak', () => {
  expect(isWeak(curve('accuracy', 40, NaN, NaN), earlier, accuracy)).toBe(true);
});
