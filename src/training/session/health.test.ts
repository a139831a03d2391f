import { expect, test } from 'vitest';
import { HealthCheck } from './health';

test('steps that mixed precision left out end no run, and are not charted', () => {
  const health = new HealthCheck();
  for (let step = 1; step <= 16; step++) {
    expect(health.accept({ step, loss: 2, gradNorm: Infinity, overflowed: true }, false)).toBe(false);
  }
  expect(health.accept({ step: 17, loss: 2, gradNorm: 1, overflowed: false }, false)).toBe(true);
});

test('three losses in a row that are no numbers end a run', () => {
  const health = new HealthCheck();
  expect(health.accept({ step: 1, loss: NaN, gradNorm: 1 }, false)).toBe(false);
  expect(health.accept({ step: 2, loss: NaN, gradNorm: 1 }, false)).toBe(false);
  expect(() => health.accept({ step: 3, loss: NaN, gradNorm: 1 }, false)).toThrow('training diverged');
});

test('a loss of exactly zero is unusable out of the blue, but right for a batch without anything to tell apart', () => {
  const health = new HealthCheck();
  expect(health.accept({ step: 1, loss: 1, gradNorm: 1 }, false)).toBe(true);
  expect(health.accept({ step: 2, loss: 0, gradNorm: 1 }, false)).toBe(false);
  expect(health.accept({ step: 3, loss: 0, gradNorm: 1 }, true)).toBe(true);
});
