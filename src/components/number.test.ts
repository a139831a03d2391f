import { describe, expect, it } from 'vitest';
import { parseNumber, showNumber, stepBinary, stepLinear, stepLog } from './number';

describe('parseNumber', () => {
  it('reads what people type', () => {
    expect(parseNumber('3e-4')).toBe(3e-4);
    expect(parseNumber(' 0.05 ')).toBe(0.05);
    expect(parseNumber('.5')).toBe(0.5);
    expect(parseNumber('0,05')).toBe(0.05);
    expect(parseNumber('1,200')).toBe(1200);
    expect(parseNumber('1 200')).toBe(1200);
    expect(parseNumber('-2')).toBe(-2);
  });

  it('refuses the rest', () => {
    for (const text of ['', '-', 'e5', '1e', '0x10', '1.2.3', 'ten', '1,2,3', 'Infinity', '1e999']) {
      expect(parseNumber(text)).toBeNull();
    }
  });
});

describe('showNumber', () => {
  it('is short and reads back', () => {
    expect(showNumber(3e-4)).toBe('3e-4');
    expect(showNumber(3e-3)).toBe('0.003');
    expect(showNumber(3e-3, 'log')).toBe('3e-3');
    for (const value of [0, 1, 0.05, 1e-8, 123456.789, 4294967295, 2 / 3]) {
      expect(parseNumber(showNumber(value))).toBe(value);
    }
  });
});

describe('steps', () => {
  it('walk the series 1, 2, 3, 5, 7 over the powers of ten', () => {
    expect(stepLog(3e-4, 1, 1e-8)).toBe(5e-4);
    expect(stepLog(3e-4, -1, 1e-8)).toBe(2e-4);
    expect(stepLog(1e-4, -1, 1e-8)).toBe(7e-5);
    expect(stepLog(7e-4, 1, 1e-8)).toBe(1e-3);
    expect(stepLog(4e-4, 1, 1e-8)).toBe(5e-4);
    expect(stepLog(0, 1, 1e-8)).toBe(1e-8);
  });

  it('double and halve to powers of two', () => {
    expect(stepBinary(32, 1)).toBe(64);
    expect(stepBinary(32, -1)).toBe(16);
    expect(stepBinary(48, 1)).toBe(64);
    expect(stepBinary(48, -1)).toBe(32);
  });

  it('gather no binary dust', () => {
    let value = 0;
    for (let i = 0; i < 10; i++) value = stepLinear(value, 1, 0.1);
    expect(value).toBe(1);
  });
});
