import { describe, expect, it } from 'vitest';
import { Envelope, mostPoints } from './envelope';

function envelopeOf(values: ArrayLike<number>): Envelope {
  const envelope = new Envelope();
  for (let index = 0; index < values.length; index++) envelope.add(values[index] as number);
  return envelope;
}

const wave = (count: number): Float64Array => Float64Array.from({ length: count }, (_, i) => Math.sin(i / 50));
const placesOf = (values: ArrayLike<number>): number[] =>
  envelopeOf(values)
    .points()
    .map(({ index }) => index);

describe('Envelope', () => {
  it('keeps every point where they fit', () => {
    expect(placesOf(wave(1_000))).toHaveLength(1_000);
    expect(placesOf([])).toEqual([]);
    expect(placesOf([7])).toEqual([0]);
  });

  it.each([1_025, 5_000, 123_457])('keeps few of %i points, ascending, with both ends', (count) => {
    const places = placesOf(wave(count));
    expect(places.length).toBeLessThanOrEqual(mostPoints);
    expect(places.length).toBeGreaterThan(mostPoints / 4);
    expect(places[0]).toBe(0);
    expect(places.at(-1)).toBe(count - 1);
    for (let i = 1; i < places.length; i++) expect(places[i]).toBeGreaterThan(places[i - 1] as number);
  });

  it('keeps single spikes of a hundred thousand points, wherever they lie', () => {
    const spikes = [1, 12_345, 54_321, 65_536, 99_998];
    const values = wave(100_000);
    spikes.forEach((place, index) => (values[place] = index % 2 === 0 ? 40 + index : -40 - index));
    expect(placesOf(values)).toEqual(expect.arrayContaining(spikes));
    expect(envelopeOf(values).range).toEqual([-43, 44]);
  });

  it('has lowest and highest of equally long stretches, as if it were made at once', () => {
    const values = Float64Array.from({ length: 3_000 }, (_, index) => Math.sin(index * 7.3) * (index % 11));
    const kept = new Map(
      envelopeOf(values)
        .points()
        .map(({ index, value }) => [index, value]),
    );
    for (let from = 0; from < values.length; from += 8) {
      const stretch = values.subarray(from, from + 8);
      for (const extreme of [Math.min(...stretch), Math.max(...stretch)]) {
        expect(kept.get(from + stretch.indexOf(extreme))).toBe(extreme);
      }
    }
  });

  it('leaves a gap where a whole stretch has no finite value', () => {
    const values = wave(10_000).fill(NaN, 4_000, 6_000);
    const gap = envelopeOf(values)
      .points()
      .filter(({ index }) => index >= 4_100 && index < 5_900);
    expect(gap.length).toBeGreaterThan(10);
    expect(gap.every(({ value }) => Number.isNaN(value))).toBe(true);
    expect(envelopeOf([Infinity, -Infinity, NaN]).range).toBeNull();
  });
});
