import { expect, test } from 'vitest';
import { HealthCheck } from './health';

const reading = (step: number, loss: number, gradNorm = 1) => ({ step, loss, gradNorm });
const fine = { charted: true, trouble: null, diverged: false };

test('steps that mixed precision left out end no run, and are not charted', () => {
  const health = new HealthCheck();
  for (let step = 1; step <= 16; step++) {
    const judged = health.judge({ ...reading(step, 2, Infinity), overflowed: true }, false);
    expect(judged).toEqual({ ...fine, charted: false });
  }
  expect(health.judge({ ...reading(17, 2), overflowed: false }, false)).toEqual(fine);
});

test('a loss that is no number is left out, the third in a row is one too many', () => {
  const health = new HealthCheck();
  expect(health.judge(reading(1, NaN), false)).toEqual({ charted: false, trouble: 'not-finite', diverged: false });
  expect(health.judge(reading(2, NaN), false).diverged).toBe(false);
  expect(health.sound).toBe(false);
  expect(health.judge(reading(3, 1, Infinity), false)).toMatchObject({ trouble: 'not-finite', diverged: true });
});

test('a good step in between begins the count anew', () => {
  const health = new HealthCheck();
  for (let step = 1; step <= 30; step++) {
    expect(health.judge(reading(step, step % 3 === 0 ? 1 : NaN), false).diverged).toBe(false);
  }
});

test('a loss of exactly zero is unusable out of the blue, but right for a batch without anything to tell apart', () => {
  const health = new HealthCheck();
  expect(health.judge(reading(1, 1), false)).toEqual(fine);
  expect(health.judge(reading(2, 0), false).trouble).toBe('zero-loss');
  expect(health.judge(reading(3, 0), true)).toEqual(fine);
});

test('a norm far above all before has exploded; one that rises again after it had faded has not', () => {
  const health = new HealthCheck();
  for (let step = 1; step <= 20; step++) expect(health.judge(reading(step, 1, 2), false)).toEqual(fine);
  expect(health.judge(reading(21, 1, 201), false)).toEqual({ charted: true, trouble: 'norm', diverged: false });
  for (let step = 22; step <= 300; step++) health.judge(reading(step, 1, 1e-4), false);
  expect(health.judge(reading(301, 1, 5), false)).toEqual(fine);
});

test('what is usual is taken along to where a run goes on', () => {
  const health = new HealthCheck();
  for (let step = 1; step <= 20; step++) health.judge(reading(step, 1, 2), false);
  const later = new HealthCheck();
  later.restore(JSON.parse(JSON.stringify(health.snapshot())) as ReturnType<HealthCheck['snapshot']>);
  expect(later.snapshot()).toEqual(health.snapshot());
  expect(later.judge(reading(21, 1, 300), false).trouble).toBe('norm');
});
