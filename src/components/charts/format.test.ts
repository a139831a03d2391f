import { describe, expect, it } from 'vitest';
import { clock, headlineText, percentHeadline, plainHeadline, powerHeadline, tickText } from './format';

const plain = (value: number): string => headlineText(plainHeadline(value));

describe('headlines', () => {
  it('show numbers with about three digits', () => {
    expect([0, 0.8412, 14.2857, 198.4, 12_480].map(plain)).toEqual(['0.00', '0.84', '14.3', '198', '12,480']);
    expect([0.0123, 0.00019, 2.5e7].map(plain)).toEqual(['0.0123', '1.9e-4', '2.5e7']);
  });

  it('show a learning rate as mantissa and power of ten', () => {
    const shown = [1.94e-4, 3e-4, 1e-3, 0.0131, 0].map((value) => headlineText(powerHeadline(value)));
    expect(shown).toEqual(['1.9e-4', '3e-4', '1e-3', '0.013', '0']);
  });

  it('have a true minus sign, and a hyphen in exponents alone', () => {
    expect([-0.12, -1.9e-4, -12_480].map(plain)).toEqual(['−0.12', '−1.9e-4', '−12,480']);
    expect([-0.2, -1200, -40_000].map(tickText)).toEqual(['−0.2', '−1,200', '−40k']);
  });

  it('show per cent', () => {
    expect(percentHeadline(49.71)).toEqual({ value: '49.7', unit: ' %' });
  });

  it('show a dash where there is no number', () => {
    for (const headline of [plainHeadline, percentHeadline, powerHeadline]) {
      expect(headlineText(headline(Number.NaN))).toBe('–');
      expect(headlineText(headline(Number.POSITIVE_INFINITY))).toBe('–');
    }
  });
});

describe('axes', () => {
  it('write ticks short', () => {
    expect([0, 2.5, 1200, 40_000, 1e-4, 7.5e-4, 1e-3, 0.01, 1e6].map(tickText)).toEqual([
      '0',
      '2.5',
      '1,200',
      '40k',
      '1e-4',
      '7.5e-4',
      '1e-3',
      '0.01',
      '1e6',
    ]);
  });

  it('write time as a clock', () => {
    expect([0, 48, 147, 3900].map(clock)).toEqual(['0:00', '0:48', '2:27', '1:05:00']);
  });
});
