import { describe, expect, test } from 'vitest';
import { decodeFloat16, encodeFloat16, fromFloat16, toFloat16 } from './float16';

describe('float16', () => {
  test('every half survives the way to float32 and back', () => {
    for (let half = 0; half < 0x1_0000; half++) {
      const number = fromFloat16(half);
      if (Number.isNaN(number)) expect(toFloat16(number) & 0x7fff).toBeGreaterThan(0x7c00);
      else expect(toFloat16(number)).toBe(half);
    }
  });

  test('rounds to the nearest half, ties to even', () => {
    expect(fromFloat16(toFloat16(2049))).toBe(2048);
    expect(fromFloat16(toFloat16(2051))).toBe(2052);
    expect(fromFloat16(toFloat16(65519))).toBe(65504);
    expect(fromFloat16(toFloat16(65520))).toBe(Infinity);
    expect(fromFloat16(toFloat16(2 ** -25))).toBe(0);
    expect(fromFloat16(toFloat16(1.5 * 2 ** -24))).toBe(2 ** -23);
    expect(fromFloat16(toFloat16(-(2 ** -14) + 2 ** -26))).toBe(-(2 ** -14));
  });

  test('converts arrays', () => {
    const numbers = new Float32Array([0, -1.5, 3.140625, 6e-8, -65504]);
    expect([...decodeFloat16(encodeFloat16(numbers))]).toEqual([0, -1.5, 3.140625, 2 ** -24, -65504]);
  });
});
