import { expect, test } from 'vitest';
import { mcnemar } from './mcnemar';

// scipy.stats.binomtest(fixed, fixed + broken).pvalue
test.each([
  [0, 0, 1],
  [4, 0, 0.125],
  [7, 2, 0.1796875],
  [15, 15, 1],
  [40, 20, 0.01348929373119186],
  [3, 250, 3.73e-70],
])('%i fixed and %i broken', (fixed, broken, expected) => {
  expect(mcnemar(fixed, broken)).toBeCloseTo(expected, 9);
  expect(mcnemar(broken, fixed)).toBe(mcnemar(fixed, broken));
});
