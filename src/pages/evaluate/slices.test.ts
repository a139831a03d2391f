import { describe, expect, test } from 'vitest';
import { accuracy } from '../../tasks/classification/metrics';
import type { Slices } from '../../tasks/slices';
import { fairnessTexts, gapText, limitTexts, pText } from './slices';

const none = { base: { metrics: {}, intervals: {} }, tuned: null, change: null };
const slices: Slices = {
  column: 'maker',
  told: true,
  groups: [
    { ...none, name: 'ann', samples: 90, tooSmall: false },
    { ...none, name: 'bob', samples: 80, tooSmall: false },
    { ...none, name: 'eve', samples: 3, tooSmall: true },
  ],
  without: 1,
  others: 0,
  gaps: {
    base: { worst: 'bob', best: 'ann', difference: 0.052, pValue: 0.34 },
    tuned: { worst: 'bob', best: 'ann', difference: 0.381, pValue: 0.002 },
  },
  fairness: {
    base: { demographicParity: { difference: 0.04, class: 'dog', lowest: 'bob', highest: 'ann' }, equalisedOdds: null },
    tuned: {
      demographicParity: { difference: 0.12, class: 'dog', lowest: 'bob', highest: 'ann' },
      equalisedOdds: null,
    },
  },
};

test('p-values are short, and no smaller than could come out', () => {
  expect([0.5, 0.0421, 0.00312, 0.0004].map((value) => pText(value))).toEqual(['0.50', '0.042', '0.0031', '< 0.001']);
});

describe('a gap', () => {
  test('is told with its groups, what chance would make of it, and that of the base model', () => {
    expect(gapText(slices, accuracy)).toBe(
      'From the worst group (bob) to the best (ann) the gap in Accuracy is 38.1 points. So large a gap would come about by chance in at most 1 of 100 cases: the groups do differ. With the base model it is 5.2 points.',
    );
  });

  test('that may be chance is said to', () => {
    const alone = { ...slices, gaps: { base: slices.gaps.base, tuned: null } };
    expect(gapText(alone, accuracy)).toContain('by chance in 34 of 100 cases, so it may mean nothing.');
    expect(gapText({ ...slices, gaps: { base: null, tuned: null } }, accuracy)).toContain('Fewer than two groups');
  });
});

test('fairness names the class, the groups and what it was', () => {
  expect(fairnessTexts(slices)).toEqual([
    'Demographic parity difference: 12.0 points. “dog” is said that much more often of ann than of bob. That may be as it should, where the groups do hold different classes. With the base model: 4.0.',
  ]);
  expect(fairnessTexts({ ...slices, fairness: null })).toEqual([]);
});

test('groups that are too small are counted, with the rule', () => {
  expect(limitTexts(slices, accuracy)).toEqual([
    'One group is too small to say (grey): their 95 % interval is wider than 30 points, or there are too few for one.',
    'The column says nothing of 1 sample.',
  ]);
});
