import { describe, expect, it } from 'vitest';
import {
  formatClock,
  formatCount,
  formatDuration,
  formatNumber,
  formatPercent,
  showPercent,
  showSmall,
} from './format';

describe('format', () => {
  it('shows numbers with about three digits', () => {
    expect([0, 0.8412, 14.2857, 198.4, 12_480].map(formatNumber)).toEqual(['0.00', '0.84', '14.3', '198', '12,480']);
    expect([0.0123, 0.00019, 2.5e7].map(formatNumber)).toEqual(['0.0123', '1.9e-4', '2.5e7']);
  });

  it('separates thousands', () => {
    expect(formatCount(1_234_567)).toBe('1,234,567');
  });

  it('shows a learning rate as mantissa and power of ten', () => {
    expect(showSmall(1.9e-4)).toEqual({ value: '1.9', unit: 'e-4' });
    expect(showSmall(3e-4)).toEqual({ value: '3', unit: 'e-4' });
    expect(showSmall(0)).toEqual({ value: '0', unit: '' });
  });

  it('shows shares in per cent', () => {
    expect(formatPercent(0.4971)).toBe('49.7 %');
    expect(showPercent(49.71)).toEqual({ value: '49.7', unit: ' %' });
  });

  it('shows time for people and on an axis', () => {
    expect([0, 48.4, 147, 3599.6, 3900].map(formatDuration)).toEqual([
      '0 s',
      '48 s',
      '2 min 27 s',
      '1 h 0 min',
      '1 h 5 min',
    ]);
    expect([0, 48, 147, 3900].map(formatClock)).toEqual(['0:00', '0:48', '2:27', '1:05:00']);
  });

  it('shows a dash where there is no number', () => {
    for (const text of [
      formatNumber(Number.NaN),
      formatPercent(Number.NaN),
      formatDuration(Infinity),
      showSmall(NaN).value,
    ]) {
      expect(text).toBe('–');
    }
  });
});
