import { describe, expect, test } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import type { Column } from '../../dataset/types';
import { classification } from '../../tasks/classification';
import { createRandom } from '../random';
import { eachByItself } from './compare';
import { measuredClasses } from './classification/measured';
import { scoreClasses } from './classification/scores';
import { slicesOf } from './slices';

/** Pictures of two classes by two makers and many others; those of the second maker are harder, and `small` holds three alone. */
const count = 240;
const random = createRandom(3);
const makers = Array.from({ length: count }, (_, place) => (place < 3 ? 'small' : place % 2 === 0 ? 'ann' : 'bob'));
const targets = makers.map((_, place) => (place >> 1) % 2);
const names = ['cat', 'dog'];
const measured = (skill: Readonly<Record<string, number>>) =>
  measuredClasses(
    scoreClasses(
      Float32Array.from({ length: 2 * count }, (_, at) => {
        const place = at >> 1;
        return random() + (at % 2 === targets[place] ? (skill[makers[place]!] ?? 0) : 0);
      }),
      targets,
      2,
    ),
    names,
  );
const samples = makers.map((maker, place) => ({
  record: sampleRecord(String(place), {
    fields: {
      maker,
      kind: names[targets[place]!]!,
      title: `picture ${place}`,
      ...(place === 9 ? {} : { size: place % 3 }),
    },
  }),
  wanted: names[targets[place]!]!,
}));
const columns: readonly Column[] = [
  { name: 'size', role: 'none' },
  { name: 'title', role: 'none' },
  { name: 'maker', role: 'group' },
  { name: 'kind', role: 'label' },
];
const report = {
  samples,
  base: measured({}),
  tuned: measured({ ann: 1, bob: 0.2 }),
  classes: names,
  groups: eachByItself(count),
};
const slices = await slicesOf(report, classification, { columns: [...columns] });

test('columns of labels and groups cut, and those with few values; the largest group comes first', () => {
  expect(slices.map(({ column, told }) => [column, told])).toEqual([
    ['maker', true],
    ['kind', true],
    ['size', false],
  ]);
  expect(slices[2]).toMatchObject({ without: 1, others: 0 });
  expect(slices[0]?.groups.map(({ name, samples: size }) => [name, size])).toEqual([
    ['bob', 119],
    ['ann', 118],
    ['small', 3],
  ]);
});

describe('a group', () => {
  const [bob, ann, small] = slices[0]!.groups;

  test('has every described metric, with intervals around it', () => {
    const names = classification.metrics
      .map(({ name }) => name)
      .filter((name) => ann?.tuned?.metrics[name] !== undefined);
    expect(names).toEqual(expect.arrayContaining(['accuracy', 'macro-f1', 'auroc', 'average-precision', 'loss']));
    // A calibration error is never below 0, so that drawing anew moves it up.
    for (const name of names.filter((each) => each !== 'calibration-error')) {
      const value = ann?.tuned?.metrics[name] ?? NaN;
      const { low, high } = ann?.tuned?.intervals[name] ?? { low: NaN, high: NaN };
      expect(low, name).toBeLessThanOrEqual(value);
      expect(high, name).toBeGreaterThanOrEqual(value);
    }
    expect(ann?.tuned?.metrics['accuracy']).toBe(1);
    expect(ann?.change?.intervals['accuracy']?.low).toBeGreaterThan(0);
    expect(bob?.tooSmall).toBe(false);
  });

  test('of a handful is said to be too small, and takes no part in gaps', () => {
    expect(small).toMatchObject({ tooSmall: true, change: null });
    expect(slices[0]?.gaps.tuned).toMatchObject({ worst: 'bob', best: 'ann' });
  });
});

describe('gaps', () => {
  test('are told from chance where there is one', () => {
    const [maker, , size] = slices;
    expect(maker?.gaps.tuned?.difference).toBeGreaterThan(0.2);
    expect(maker?.gaps.tuned?.pValue).toBeLessThan(0.01);
    expect(maker?.gaps.base?.pValue).toBeGreaterThan(0.05);
    expect(size?.gaps.tuned?.pValue).toBeGreaterThan(0.05);
  });

  test('of what is said and of errors name the class and the groups; classes themselves are not compared', () => {
    const [maker, kind] = slices;
    expect(kind?.fairness).toBeNull();
    const odds = maker?.fairness?.tuned?.equalisedOdds;
    expect(odds?.difference).toBeGreaterThan(0.2);
    expect([odds?.lowest, odds?.highest].sort()).toEqual(['ann', 'bob']);
    expect(names).toContain(odds?.class);
  });
});

test('the work can be ended', async () => {
  const ended = slicesOf(report, classification, { columns: [...columns] }, () => Promise.reject(new Error('enough')));
  await expect(ended).rejects.toThrow('enough');
});
