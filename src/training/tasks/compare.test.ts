import { expect, test } from 'vitest';
import { excludesZero } from '../../tasks/metrics';
import { createRandom } from '../random';
import { compareMeasured, eachByItself } from './compare';
import { everyPlace, meanOfSamples, partOf, type Measured } from './measured';

/** Samples with a value each; `mean` is resampled as a mean, `anew` by measuring again. */
function measuredOf(values: readonly number[]): Measured {
  const mean = (places: readonly number[]): number =>
    places.reduce((sum, place) => sum + values[place]!, 0) / places.length;
  return {
    measure: (places) => ({ mean: mean(places), anew: mean(places) }),
    outcome: (place) => ({ right: null, score: values[place]!, said: '' }),
    means: { mean: [meanOfSamples(values, 'continuous')] },
  };
}

const random = createRandom(12);
const before = Array.from({ length: 80 }, () => random());
const after = before.map((value) => value + 0.3 * random());
const names = ['mean', 'anew', 'absent'];

test('a metric has the same intervals whether it is resampled as a mean or measured anew', async () => {
  const compared = await compareMeasured({
    base: measuredOf(before),
    tuned: measuredOf(after),
    groups: eachByItself(80),
    names,
  });
  for (const intervals of [compared?.base, compared?.tuned, compared?.change?.intervals]) {
    expect(Object.keys(intervals ?? {})).toEqual(['mean', 'anew']);
    expect(intervals?.['anew']?.low).toBeCloseTo(intervals?.['mean']?.low ?? NaN, 12);
    expect(intervals?.['anew']?.high).toBeCloseTo(intervals?.['mean']?.high ?? NaN, 12);
  }
  const { intervals, pValues } = compared!.change!;
  expect(excludesZero(intervals['mean']!)).toBe(true);
  expect(pValues?.['mean']).toBeLessThan(0.05);
});

test('samples of one group are drawn together, so that intervals are wider', async () => {
  const alike = Array.from({ length: 80 }, (_, place) => before[Math.floor(place / 4)]!);
  const width = async (groups: Int32Array): Promise<number> => {
    const found = await compareMeasured({ base: measuredOf(alike), tuned: null, groups, names });
    const { low, high } = found!.base['mean']!;
    return high - low;
  };
  const grouped = Int32Array.from(alike, (_, place) => Math.floor(place / 4));
  expect(await width(grouped)).toBeGreaterThan(1.6 * (await width(eachByItself(80))));
});

test('a part is measured as if it were all', async () => {
  const places = [3, 8, 20, 21, 40, 41, 60, 79];
  const [part, alone] = [partOf(measuredOf(before), places), measuredOf(places.map((place) => before[place]!))];
  expect(part.measure(everyPlace(8))).toEqual(alone.measure(everyPlace(8)));
  expect(part.outcome(2).score).toBe(alone.outcome(2).score);
  const of = (base: Measured) => compareMeasured({ base, tuned: null, groups: eachByItself(8), names });
  expect(await of(part)).toEqual(await of(alone));
});
