import { expect, test } from 'vitest';
import { HealthCheck } from './health';

test('steps that mixed precision left out end no run, and are not charted', () => {
  const health = new HealthCheck();
  for (let step = 1; step <= 16; step++) {
    expect(health.accept({ step, loss: 2, gradNorm: Infinity, overflowed: true }, true)).toBe(false);
  }
  expect(health.accept({ step: 17, loss: 2, gradNorm: 1, overflowed: false }, true)).toBe(true);
});

test('three losses in a row that are no numbers end a run', () => {
  const health = new HealthCheck();
  expect(health.accept({ step: 1, loss: NaN, gradNorm: 1 }, true)).toBe(false);
  expect(health.accept({ step: 2, loss: NaN, gradNorm: 1 }, true)).toBe(false);
  expect(() => health.accept({ step: 3, loss: NaN, gradNorm: 1 }, true)).toThrow('training diverged');
});
