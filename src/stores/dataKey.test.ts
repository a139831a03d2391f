import { describe, expect, it, vi } from 'vitest';
import { dataKey } from './dataKey';
import { evaluationKey } from './evaluation';
import { exportKey } from './exporting';
import { searchKey } from './playground';

vi.mock('./client', () => ({ client: {} }));

const before = dataKey({ id: 'd' });

describe('dataKey', () => {
  it('is the same for the same data, and another after a change', () => {
    expect(dataKey({ id: 'd', revision: 0 })).toBe(before);
    expect(dataKey({ id: 'd', revision: 1 })).not.toBe(before);
  });

  it('tells datasets apart, and having none', () => {
    expect(dataKey({ id: 'e' })).not.toBe(before);
    expect(dataKey(null)).not.toBe(before);
  });

  it('is part of every key of what was computed from the data', () => {
    const after = dataKey({ id: 'd', revision: 1 });
    expect(evaluationKey('base m', after, 'test')).not.toBe(evaluationKey('base m', before, 'test'));
    const choice = { format: 'huggingface', options: {} };
    expect(exportKey('base m', after, choice)).not.toBe(exportKey('base m', before, choice));
    expect(searchKey('base m', after, 'a boat')).not.toBe(searchKey('base m', before, 'a boat'));
  });
});
