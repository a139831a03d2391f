import { expect, it } from 'vitest';
import { bytes, count, duration, ordinal, percent, plural, short, threeDigits } from './format';

it('writes numbers for people', () => {
  expect(count(1590)).toBe('1,590');
  expect(plural(1, 'picture')).toBe('1 picture');
  expect(plural(1590, 'picture')).toBe('1,590 pictures');
  expect([1, 2, 3, 11, 19, 22, 1013].map(ordinal)).toEqual(['1st', '2nd', '3rd', '11th', '19th', '22nd', '1,013th']);
  expect(short(5_362_000)).toBe('5.4 M');
  expect(short(151_277_313)).toBe('151 M');
  expect(bytes(412)).toBe('412 B');
  expect(bytes(2_100_000)).toBe('2.1 MB');
  expect(percent(0.497)).toBe('49.7 %');
  expect(duration(147)).toBe('2 min 27 s');
  expect(duration(3900)).toBe('1 h 05 min');
  expect(duration(59.6)).toBe('1 min 00 s');
  expect(threeDigits(0.8449)).toBe('0.84');
});
