import { describe, expect, it } from 'vitest';
import { drawing, nearest, rawSuffix, shareOut, summarize, type ChartSeries } from './series';

const ramp = (count: number): Float64Array => Float64Array.from({ length: count }, (_, index) => index + 1);
const training = (count: number): ChartSeries => ({
  id: 'train',
  label: 'Training',
  role: 'tuned',
  x: ramp(count),
  y: Float64Array.from({ length: count }, (_, index) => 2 + Math.sin(index * 7)),
  noisy: true,
});
const validation: ChartSeries = {
  id: 'validation',
  label: 'Validation',
  role: 'validation',
  x: [0, 50, 100],
  y: [3, 2, 1],
  dots: true,
};

describe('drawing', () => {
  it('draws at most 800 rows of a long run with all of its evaluations', () => {
    const { rows } = drawing([training(50_000), validation], { smoothing: 0.6, positiveOnly: false, limit: 800 });
    expect(rows.length).toBeLessThanOrEqual(800);
    expect(rows.filter((row) => row['validation'] !== undefined)).toHaveLength(3);
    for (let i = 1; i < rows.length; i++) expect(rows[i]?.['x']).toBeGreaterThan(rows[i - 1]?.['x'] as number);
  });

  it('draws a noisy curve raw and smoothed', () => {
    const { rows } = drawing([training(100)], { smoothing: 0.9, positiveOnly: false, limit: 800 });
    expect(rows[50]?.[`train${rawSuffix}`]).toBe(2 + Math.sin(50 * 7));
    expect(Math.abs((rows[99]?.['train'] ?? 0) - 2)).toBeLessThan(0.3);
  });

  it('draws only once without smoothing, and puts values of one place in one row', () => {
    const { rows } = drawing([training(100), validation], { smoothing: 0, positiveOnly: false, limit: 800 });
    expect(rows[0]).toEqual({ x: 0, validation: 3 });
    expect(rows[50]).toEqual({ x: 50, train: 2 + Math.sin(49 * 7), validation: 2 });
  });

  it('knows its range, and leaves out what a logarithmic axis cannot show', () => {
    const series: ChartSeries = { ...validation, y: [0, 2, Number.NaN] };
    expect(drawing([series], { smoothing: 0, positiveOnly: false, limit: 800 }).range).toEqual([0, 2]);
    expect(drawing([series], { smoothing: 0, positiveOnly: true, limit: 800 }).range).toEqual([2, 2]);
    expect(drawing([], { smoothing: 0, positiveOnly: false, limit: 800 }).range).toBeNull();
  });
});

describe('shareOut', () => {
  it('gives what short curves do not need to long ones', () => {
    expect(shareOut([100_000, 20], 800)).toEqual([780, 20]);
    expect(shareOut([100_000, 100_000], 800)).toEqual([400, 400]);
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
    expect(summarize([validation], 3.5, words)).toBe(
      'Validation: from 3.0 at step 0 to 1.0 at step 100; lowest 1.0 at step 100, highest 3.0 at step 0. Base model: 3.5.',
    );
  });
  it('says that there is nothing yet', () => {
    expect(summarize([{ ...validation, x: [], y: [] }], 3.5, words)).toBe('No values yet.');
  });
});
