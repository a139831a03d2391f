import { describe, expect, it } from 'vitest';
import { curvesOf, nearest, summarize, type ChartSeries } from './series';

const validation: ChartSeries = {
  id: 'validation',
  label: 'Validation',
  role: 'validation',
  x: [0, 50, 100],
  y: [3, 2, 1],
  dots: true,
};

const plain = { smoothing: 0, positiveOnly: false };

describe('curvesOf', () => {
  it('smooths noisy curves only', () => {
    const noisy: ChartSeries = { ...validation, id: 'training', noisy: true };
    const [smooth, exact] = curvesOf([noisy, validation], { ...plain, smoothing: 0.5 });
    expect(smooth?.course.raw).toHaveLength(3);
    expect(smooth?.course.values[1]).toBeCloseTo((0.5 * 3 + 2) / 1.5, 12);
    expect(exact?.course).toMatchObject({ raw: null, values: validation.y });
  });
});

describe('nearest', () => {
  it('finds the nearest value', () => {
    expect([-5, 0, 24, 26, 74, 76, 200].map((x) => nearest(validation.x, x))).toEqual([0, 0, 0, 1, 1, 2, 2]);
    expect(nearest([], 3)).toBeNull();
  });
});

describe('summarize', () => {
  const words = { value: (value: number) => value.toFixed(1), place: (x: number) => `step ${x}` };
  it('says where the curves begin, end and turn', () => {
    expect(summarize(curvesOf([validation], plain), 3.5, words)).toBe(
      'Validation: from 3.0 at step 0 to 1.0 at step 100; lowest 1.0 at step 100, highest 3.0 at step 0. Base model: 3.5.',
    );
  });
  it('says that there is nothing yet', () => {
    expect(summarize(curvesOf([{ ...validation, x: [], y: [] }], plain), 3.5, words)).toBe('No values yet.');
  });
});
