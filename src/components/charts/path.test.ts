import { describe, expect, it } from 'vitest';
import type { Point } from './envelope';
import { dotsPath, linePath, type Placing } from './path';

const points = (...values: readonly number[]): Point[] => values.map((value, index) => ({ index, value }));
/** A pixel a place, downwards by the value. */
const plain: Placing = { x: ({ index }) => index, y: ({ value }) => value };

describe('linePath', () => {
  it('goes through all points that have columns of their own', () => {
    expect(linePath(points(1, 2.25, 3), plain)).toBe('M0 1L1 2.3L2 3');
    expect(linePath([], plain)).toBe('');
  });

  it('breaks at gaps, and a point between two of them is a dot', () => {
    expect(linePath(points(NaN, 1, 2, NaN, 5, NaN, NaN), plain)).toBe('M1 1L2 2M4 5h0');
  });

  it('draws at most four points in a column of pixels, the extremes among them', () => {
    const crowded = points(...Array.from({ length: 4_000 }, (_, index) => Math.sin(index) * 10));
    crowded[2_222] = { index: 2_222, value: -80 };
    const path = linePath(crowded, { x: ({ index }) => index / 100, y: ({ value }) => value });
    expect(path.split(/[ML]/).length - 1).toBeLessThanOrEqual(4 * 40);
    expect(path).toContain('L22.2 -80L');
    expect(path.startsWith('M0 0L')).toBe(true);
  });
});

describe('dotsPath', () => {
  it('has a dot for each value, and none where they would cover each other', () => {
    expect(dotsPath(points(1, NaN, 3), plain, 1)).toBe('M0 1h0M2 3h0');
    expect(dotsPath(points(1), plain, 4)).toBe('M0 1h0');
    expect(dotsPath(points(1, 2, 3), plain, 4)).toBe('M0 1h0M1 2h0M2 3h0');
    expect(dotsPath(points(...Array.from({ length: 30 }, () => 1)), plain, 4)).toBe('');
    expect(dotsPath([], plain, 4)).toBe('');
  });
});
