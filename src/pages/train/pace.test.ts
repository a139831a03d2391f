import { describe, expect, it } from 'vitest';
import { MetricColumns } from '../../stores/metricColumns';
import { longestLeft, pace } from './pace';

const steps = (count: number, secondsAt: (step: number) => number): MetricColumns =>
  MetricColumns.of(
    Array.from({ length: count }, (_, index) => ({
      step: index + 1,
      epoch: 0,
      loss: 1,
      gradNorm: 1,
      learningRate: 1,
      imagesPerSecond: 64,
      seconds: secondsAt(index + 1),
      extra: {},
    })),
  );

describe('longestLeft', () => {
  it('goes by the pace so far, from the second step on', () => {
    expect(longestLeft(steps(1, Number), 80)).toBeNull();
    expect(
      longestLeft(
        steps(2, (step) => step * 3),
        80,
      ),
    ).toBeCloseTo(78 * 3, 9);
    expect(longestLeft(steps(80, Number), 80)).toBe(0);
  });
});

describe('pace', () => {
  it('needs two steps', () => {
    expect(pace(steps(0, Number))).toBeNull();
    expect(pace(steps(1, Number))).toBeNull();
  });

  it('is that of the last seconds, not of a slow beginning', () => {
    const metrics = steps(200, (step) => (step <= 100 ? step * 5 : 500 + (step - 100) * 0.5));
    expect(pace(metrics)?.steps).toBeCloseTo(2, 6);
    expect(pace(metrics)?.pictures).toBeCloseTo(64, 6);
  });

  it('looks at two steps at least, however slow', () => {
    expect(pace(steps(3, (step) => step * 40))?.steps).toBeCloseTo(1 / 40, 9);
  });
});
