import { afterEach, describe, expect, it, vi } from 'vitest';
import { courseOf } from './course';
import { mostPoints } from './envelope';
import { MovingAverage } from './smooth';

const plain = { smoothing: 0, positiveOnly: false };

afterEach(() => void vi.restoreAllMocks());

describe('courseOf', () => {
  it('knows its range, its extremes, and what a logarithmic axis cannot show', () => {
    const y = [0, 3, NaN, 2, -1, Infinity];
    expect(courseOf(y, plain)).toMatchObject({
      values: y,
      raw: null,
      range: [-1, 3],
      lowest: { index: 4, value: -1 },
      highest: { index: 1, value: 3 },
    });
    const log = courseOf(y, { smoothing: 0, positiveOnly: true });
    expect(log.range).toEqual([2, 3]);
    expect(log.drawn.filter(({ value }) => !Number.isNaN(value)).map(({ index }) => index)).toEqual([1, 3]);
    expect(courseOf([], plain)).toMatchObject({ range: null, lowest: null, highest: null, drawn: [] });
  });

  it('draws a smoothed curve above its own values, whose spikes stay', () => {
    const y = Float64Array.from({ length: 20_000 }, (_, index) => 2 + Math.sin(index * 7));
    y[12_345] = 99;
    const { values, drawn, raw, range } = courseOf(y, { smoothing: 0.9, positiveOnly: false });
    expect(raw?.find(({ index }) => index === 12_345)?.value).toBe(99);
    expect(range?.[1]).toBe(99);
    expect(Math.abs((values[19_999] as number) - 2)).toBeLessThan(0.3);
    for (const { index, value } of drawn) expect(value).toBe(values[index]);
  });

  it('reads each value of a growing curve once, and gives the same as for the whole at once', () => {
    const taken = vi.spyOn(MovingAverage.prototype, 'take');
    const options = { smoothing: 0.8, positiveOnly: false };
    const memory = new Float64Array(10_000);
    for (let length = 7; length <= 9_996; length += 7) {
      for (let index = length - 7; index < length; index++) memory[index] = Math.sin(index) * (index % 100);
      expect(courseOf(memory.subarray(0, length), options).drawn.length).toBeLessThanOrEqual(mostPoints);
    }
    const grown = courseOf(memory.subarray(0, 9_996), options);
    expect(taken).toHaveBeenCalledTimes(9_996);
    expect(grown).toEqual(courseOf(memory.slice(0, 9_996), options));
  });

  it('stays as it was while its curve grows', () => {
    const memory = Float64Array.of(1, 2, 3, 9);
    const options = { smoothing: 0.5, positiveOnly: false };
    const before = courseOf(memory.subarray(0, 3), options);
    const seen = structuredClone({ ...before, values: [...Array.from(before.values)] });
    courseOf(memory, options);
    expect({ ...before, values: Array.from(before.values) }).toEqual(seen);
  });

  it('begins anew with a shorter curve and with other wishes', () => {
    const memory = Float64Array.of(4, 8, 6);
    expect(courseOf(memory, plain).highest?.value).toBe(8);
    expect(courseOf(memory.subarray(0, 1), plain).highest?.value).toBe(4);
    expect(courseOf(memory, { smoothing: 0.5, positiveOnly: false }).raw).toHaveLength(3);
    expect(courseOf(memory, plain).raw).toBeNull();
  });
});
