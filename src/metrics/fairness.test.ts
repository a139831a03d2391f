import { expect, test } from 'vitest';
import { demographicParityDifference, equalisedOddsDifference } from './fairness';
import fixtures from './fixtures/measures.json' with { type: 'json' };

test.each(fixtures.fairness.map((each) => [each.classes, each] as const))(
  '%i classes: as Fairlearn defines them',
  (_, each) => {
    const { classes, groups, wanted, said } = each;
    expect(demographicParityDifference(groups, said, classes)?.difference).toBeCloseTo(each.demographicParity, 9);
    expect(equalisedOddsDifference(groups, wanted, said, classes)?.difference).toBeCloseTo(each.equalisedOdds, 9);
  },
);

test('says which class and which groups a difference is about', () => {
  // Group 1 is never taken for class 0.
  const [groups, said] = [
    [0, 0, 1, 1],
    [0, 1, 1, 1],
  ];
  expect(demographicParityDifference(groups, said, 2)).toEqual({ difference: 0.5, of: 0, lowest: 1, highest: 0 });
});

test('a rate of too few samples is none', () => {
  const [groups, wanted, said] = [
    [0, 0, 1, 1],
    [0, 1, 0, 1],
    [0, 1, 1, 1],
  ];
  expect(equalisedOddsDifference(groups, wanted, said, 2)?.difference).toBe(1);
  expect(equalisedOddsDifference(groups, wanted, said, 2, 2)).toBeNull();
});

test('one group differs from none', () => {
  expect(demographicParityDifference([0, 0], [0, 1], 2)).toBeNull();
});
