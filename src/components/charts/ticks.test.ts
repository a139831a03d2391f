import { describe, expect, it } from 'vitest';
import { linearScale, logScale, runScale } from './ticks';

describe('linearScale', () => {
  it('ends on round numbers around the values', () => {
    expect(linearScale(0.84, 2.7, 4, 'near')).toEqual({ domain: [0, 3], ticks: [0, 1, 2, 3] });
    expect(linearScale(35, 49.7, 4, 'always').domain[0]).toBe(0);
  });

  it('does not waste the plot on zero when the values are far from it', () => {
    const { domain } = linearScale(14.28, 14.91, 4, 'near');
    expect(domain[0]).toBeGreaterThan(14);
    expect(domain[1]).toBeLessThan(15.1);
  });

  it('gives a constant curve room', () => {
    for (const value of [0, 3, -2, 1e-5]) {
      const { domain } = linearScale(value, value, 4, 'near');
      expect(domain[0]).toBeLessThanOrEqual(value);
      expect(domain[1]).toBeGreaterThan(domain[0]);
    }
  });

  it('takes values that differ by rounding alone for one', () => {
    for (const value of [100, -3, 1e-5]) {
      const { domain, ticks } = linearScale(value, value + Math.abs(value) * 2 ** -52, 4, 'near');
      expect(domain[0]).toBeLessThan(value);
      expect(domain[1]).toBeGreaterThan(value);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });

  it('covers tiny values without rounding noise in the ticks', () => {
    expect(linearScale(0, 3e-4, 3, 'always').ticks).toEqual([0, 1e-4, 2e-4, 3e-4]);
  });
});

describe('logScale', () => {
  it.each([
    [1e-6, 3e-4],
    [0.81, 2.7],
    [2, 2.2],
    [1e-12, 1e9],
  ])('covers %f to %f with a handful of ticks', (min, max) => {
    const { domain, ticks } = logScale(min, max);
    expect(domain[0]).toBeLessThanOrEqual(min);
    expect(domain[1]).toBeGreaterThanOrEqual(max);
    expect(ticks.length).toBeGreaterThanOrEqual(2);
    expect(ticks.length).toBeLessThanOrEqual(9);
  });
});

describe('runScale', () => {
  it.each([
    [80, [0, 20, 40, 60, 80]],
    [1200, [0, 300, 600, 900, 1200]],
    [744, [0, 200, 400, 600, 744]],
    // 200 would lie on the end.
    [210, [0, 100, 210]],
    [6, [0, 2, 4, 6]],
    [1, [0, 1]],
  ])('ends where the run of %d steps ends, with whole steps before', (steps, ticks) => {
    expect(runScale(steps, 4, 'step')).toEqual({ domain: [0, steps], ticks });
  });

  it.each([
    [9.3, [0, 5, 9.3]],
    [147, [0, 60, 120, 147]],
    [4000, [0, 1200, 2400, 4000]],
    [40_000, [0, 10_800, 21_600, 32_400, 40_000]],
  ])('reads well as a clock over %d seconds', (seconds, ticks) => {
    expect(runScale(seconds, 4, 'time').ticks).toEqual(ticks);
  });

  it('counts parts of an epoch where there are few', () => {
    expect(runScale(1, 4, 'epoch').ticks).toEqual([0, 0.25, 0.5, 0.75, 1]);
    expect(runScale(15, 4, 'epoch').ticks).toEqual([0, 4, 8, 12, 15]);
  });

  it('has a range before the first step', () => {
    expect(runScale(0, 4, 'step').domain).toEqual([0, 1]);
  });
});
