import { describe, expect, it } from 'vitest';
import { sampleEvenly } from './sampleEvenly';

describe('sampleEvenly', () => {
  it('takes all where there are few', () => {
    expect(sampleEvenly([1, 2], 6)).toEqual([1, 2]);
  });
  it('spreads the choice over all items, none twice', () => {
    const chosen = sampleEvenly(
      Array.from({ length: 100 }, (_, index) => index),
      5,
    );
    expect(chosen).toEqual([10, 30, 50, 70, 90]);
  });
});
