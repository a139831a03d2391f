import { describe, expect, it } from 'vitest';
import { timeAgo } from './timeAgo';

const now = Date.UTC(2026, 5, 15, 12);
const ago = (seconds: number): string => timeAgo(now - seconds * 1000, now);

describe('timeAgo', () => {
  it('says it in the largest fitting unit', () => {
    expect(ago(5)).toBe('just now');
    expect(ago(150)).toBe('3 min. ago');
    expect(ago(3590)).toBe('1 hr. ago');
    expect(ago(86_400)).toBe('yesterday');
    expect(ago(86_400 * 400)).toBe('last yr.');
  });

  it('does not know a future', () => {
    expect(ago(-500)).toBe('just now');
  });
});
