import { describe, expect, it } from 'vitest';
import { MovingAverage } from './smooth';

function smooth(values: readonly number[], weight: number): number[] {
  const average = new MovingAverage(weight);
  return values.map((value) => average.take(value));
}

describe('MovingAverage', () => {
  it('changes nothing at weight 0', () => {
    expect(smooth([3, 1, 2], 0)).toEqual([3, 1, 2]);
  });

  it('starts at the first value and leaves a constant constant', () => {
    for (const value of smooth(new Array<number>(50).fill(2.5), 0.95)) expect(value).toBeCloseTo(2.5, 12);
  });

  it('weighs as the bias-corrected average does', () => {
    const [first, second, third] = smooth([1, 3, 5], 0.5);
    expect(first).toBeCloseTo(1, 12);
    expect(second).toBeCloseTo((0.5 * 1 + 1 * 3) / 1.5, 12);
    expect(third).toBeCloseTo((0.25 * 1 + 0.5 * 3 + 1 * 5) / 1.75, 12);
  });

  it('keeps a gap and goes on behind it as if it were not there', () => {
    const gapped = smooth([1, Number.NaN, 3, Number.POSITIVE_INFINITY, 5], 0.5);
    const whole = smooth([1, 3, 5], 0.5);
    expect(gapped[1]).toBeNaN();
    expect(gapped[3]).toBeNaN();
    expect([gapped[0], gapped[2], gapped[4]]).toEqual(whole);
  });
});
