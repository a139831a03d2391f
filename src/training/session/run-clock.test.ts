import { expect, test } from 'vitest';
import { Pace } from './run-clock';

test('what happens for the first time gets ready as well, and counts only until it happens again', () => {
  const pace = new Pace();
  expect(pace.left(10, 0)).toBeNull();
  pace.steps(1, 5);
  expect(pace.left(10, 0)).toBe(50);
  pace.steps(1, 1);
  expect(pace.left(10, 0)).toBe(10);
  // Later ones move the mean little by little.
  pace.steps(1, 2);
  expect(pace.secondsPerStep).toBeCloseTo(1.2);
  pace.evaluated(9);
  pace.evaluated(3);
  expect(pace.left(0, 2)).toBe(6);
});

test('checkpoints are still to come at their interval, and at the end', () => {
  const pace = new Pace();
  pace.steps(1, 1);
  pace.checkpointed(0.4);
  expect(pace.left(5, 0)).toBeCloseTo(5 + 0.4);
  // 2 % of the time: one every 20 seconds.
  expect(pace.left(50, 0)).toBeCloseTo(50 + 3 * 0.4);
});
