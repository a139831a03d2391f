import { describe, expect, it } from 'vitest';
import { decimate } from './decimate';

const wave = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => Math.sin(i / 50));

describe('decimate', () => {
  it('keeps every point where they fit', () => {
    expect(decimate(wave(800), 800)).toHaveLength(800);
    expect(decimate([], 800)).toEqual([]);
  });

  it.each([801, 5_000, 123_457])('draws at most 800 of %i points, ascending, with both ends', (count) => {
    const picked = decimate(wave(count), 800);
    expect(picked.length).toBeLessThanOrEqual(800);
    expect(picked.length).toBeGreaterThan(400);
    expect(picked[0]).toBe(0);
    expect(picked.at(-1)).toBe(count - 1);
    for (let i = 1; i < picked.length; i++) expect(picked[i]).toBeGreaterThan(picked[i - 1] as number);
  });

  it('keeps a single spike of a hundred thousand points', () => {
    const y = wave(100_000);
    y[54_321] = 40;
    y[12_345] = -40;
    const picked = decimate(y, 800);
    expect(picked).toContain(54_321);
    expect(picked).toContain(12_345);
  });

  it('leaves a gap where a whole stretch has no finite value', () => {
    const y = wave(10_000);
    y.fill(Number.NaN, 4_000, 6_000);
    const picked = decimate(y, 100);
    expect(picked.some((index) => index > 4_200 && index < 5_800 && Number.isNaN(y[index]))).toBe(true);
  });
});
