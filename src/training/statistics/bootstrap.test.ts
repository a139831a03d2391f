// @module-tag slow

import { describe, expect, test } from 'vitest';
import { excludesZero } from '../../tasks/metrics';
import { bootstrapIntervals, type MeanChange } from './bootstrap';
import { createRandom, type Random } from '../random';

/** One query a unit. */
function changeOf(differences: readonly number[], leastChange: number | null): MeanChange {
  const counts = new Float64Array(differences.length).fill(1);
  return { kind: 'mean', differences: Float64Array.from(differences), counts, leastChange };
}

async function interval(differences: readonly number[], leastChange: number | null) {
  const found = await bootstrapIntervals([changeOf(differences, leastChange)], differences.length);
  return found?.[0] ?? { low: NaN, high: NaN };
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

async function share(trials: number, happens: () => Promise<boolean>): Promise<number> {
  let count = 0;
  for (let trial = 0; trial < trials; trial++) if (await happens()) count++;
  return count / trials;
}

describe('intervals', () => {
  test('are those of SciPy for the same data, up to what two thousand draws leave to chance', async () => {
    const differences = Array.from({ length: 200 }, (_, i) => Math.sin(7 * i) + 0.1);
    // scipy.stats.bootstrap((d,), np.mean, method='percentile', n_resamples=100_000).confidence_interval
    const { low, high } = await interval(differences, null);
    expect(low).toBeCloseTo(0.0081, 2);
    expect(high).toBeCloseTo(0.2043, 2);
  });

  test('are the same every time', async () => {
    const differences = Array.from({ length: 40 }, (_, i) => (i % 5) - 1);
    expect(await interval(differences, 1)).toEqual(await interval(differences, 1));
  });

  test('hold the true difference in about 95 of 100 cases, for few queries as for many', async () => {
    const random = createRandom(11);
    for (const queries of [8, 60]) {
      const covered = await share(250, async () => {
        const { low, high } = await interval(
          Array.from({ length: queries }, () => 1 + normal(random)),
          null,
        );
        return low <= 1 && 1 <= high;
      });
      expect(covered).toBeGreaterThan(0.9);
      expect(covered).toBeLessThan(0.99);
    }
  });

  test('hold the true change of recall in 95 of 100 cases or more', async () => {
    const random = createRandom(5);
    const covered = await share(250, async () => {
      const flips = Array.from({ length: 120 }, () => {
        const place = random();
        return place < 0.15 ? 1 : place < 0.2 ? -1 : 0;
      });
      const { low, high } = await interval(flips, 1);
      return low <= 0.1 && 0.1 <= high;
    });
    expect(covered).toBeGreaterThan(0.92);
  });

  test('see a change where there is one', async () => {
    const flips = Array.from({ length: 120 }, (_, i) => (i % 6 === 0 ? 1 : i % 40 === 1 ? -1 : 0));
    expect(excludesZero(await interval(flips, 1))).toBe(true);
  });

  test('are not told for a handful', async () => {
    expect(await bootstrapIntervals([changeOf([1, 1, 1, 1, 1], 1)], 5)).toBeNull();
  });

  test('of medians are differences of medians', async () => {
    const units = Int32Array.from({ length: 101 }, (_, i) => i);
    const before = units.map((i) => i + 1);
    const after = before.map((rank) => rank + 50);
    const found = await bootstrapIntervals([{ kind: 'median', before, after, units }], 101);
    expect(found?.[0]).toMatchObject({ low: 50, high: 50 });
  });
});

describe('where nothing changed but by chance', () => {
  test.each([3, 5, 8, 12, 40])(
    'with %i of 120 pictures that gained or lost, at most 6 of 100 are called a change',
    async (flips) => {
      const random = createRandom(flips);
      const called = await share(300, async () => {
        const differences = Array.from({ length: 120 }, () => {
          if (random() >= flips / 120) return 0;
          return random() < 0.5 ? 1 : -1;
        });
        return excludesZero(await interval(differences, 1));
      });
      // Of 300 cases, 6 % and what chance adds.
      expect(called).toBeLessThan(0.075);
    },
  );

  test('a caption that takes all its pictures along is one piece of evidence, not many', async () => {
    const random = createRandom(2);
    const [captions, pictures] = [12, 25];
    let apart = 0;
    const trials = 200;
    const called = await share(trials, async () => {
      // A caption moves a little; how many of its pictures gain or lose follows from that.
      const moved = Array.from({ length: captions }, () => Math.round(8 * normal(random)));
      const grouped: MeanChange = {
        kind: 'mean',
        differences: Float64Array.from(moved),
        counts: new Float64Array(captions).fill(pictures),
        leastChange: 1,
      };
      const single = moved.flatMap((sum) =>
        Array.from({ length: pictures }, (_, i) => (i < Math.abs(sum) ? Math.sign(sum) : 0)),
      );
      if (excludesZero(await interval(single, 1))) apart++;
      return excludesZero((await bootstrapIntervals([grouped], captions))?.[0] ?? { low: 0, high: 0 });
    });
    expect(called).toBeLessThan(0.075);
    expect(apart / trials).toBeGreaterThan(0.2);
  });
});

describe('levels', () => {
  const level = async (values: readonly number[], bounded: boolean) => {
    const counts = new Float64Array(values.length).fill(1);
    const asked = { kind: 'level', sums: Float64Array.from(values), counts, bounded } as const;
    return (await bootstrapIntervals([asked], values.length))?.[0] ?? { low: NaN, high: NaN };
  };

  test('of shares hold the true one in about 95 of 100 cases, near one as in the middle', async () => {
    const random = createRandom(21);
    for (const truth of [0.5, 0.97]) {
      const covered = await share(250, async () => {
        const { low, high } = await level(
          Array.from({ length: 60 }, () => (random() < truth ? 1 : 0)),
          true,
        );
        return low <= truth && truth <= high;
      });
      expect(covered, String(truth)).toBeGreaterThan(0.91);
    }
  });

  test('where all were right leave room for a mistake', async () => {
    const { low, high } = await level(new Array<number>(50).fill(1), true);
    expect(low).toBeGreaterThan(0.88);
    expect(low).toBeLessThan(0.96);
    expect(high).toBe(1);
  });
});

describe('p-values', () => {
  test('are below 0.05 where the interval leaves out zero', async () => {
    const random = createRandom(6);
    for (let trial = 0; trial < 40; trial++) {
      const differences = Array.from({ length: 30 }, () => 0.35 + normal(random));
      const found = await bootstrapIntervals([changeOf(differences, null)], 30);
      const { low, high, pValue } = found![0]!;
      expect(pValue < 0.05).toBe(excludesZero({ low, high }));
    }
  });

  test('are near those of the paired t-test', async () => {
    const differences = Array.from({ length: 200 }, (_, i) => Math.sin(7 * i) + 0.1);
    const found = await bootstrapIntervals([changeOf(differences, null)], 200);
    // scipy.stats.ttest_1samp(d, 0).pvalue is 0.0351; two thousand draws leave that much to chance.
    expect(found?.[0]?.pValue).toBeGreaterThan(0.025);
    expect(found?.[0]?.pValue).toBeLessThan(0.045);
  });

  test('are 1 where nothing changed, and small where all did', async () => {
    const of = async (value: number) =>
      (await bootstrapIntervals([changeOf(new Array<number>(40).fill(value), null)], 40))?.[0];
    expect((await of(0))?.pValue).toBe(1);
    expect((await of(1))?.pValue).toBeLessThan(0.005);
  });
});
