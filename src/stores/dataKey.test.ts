import { describe, expect, it, vi } from 'vitest';
import type { ImageRecord } from '../dataset/types';
import { dataKey } from './dataKey';
import { evaluationKey } from './evaluation';
import { exportKey } from './exporting';
import { searchKey } from './playground';

vi.mock('./client', () => ({ client: {} }));

const record = (hash: string, part: Partial<ImageRecord> = {}): ImageRecord => ({
  id: `d/${hash}`,
  datasetId: 'd',
  hash,
  path: `${hash}.png`,
  type: 'image/png',
  width: 8,
  height: 8,
  bytes: 1,
  captions: [`picture ${hash}`],
  split: 'train',
  order: 0,
  ...part,
});
const [a, b] = [record('a'), record('b')];
const dataset = { id: 'd' };
const before = dataKey(dataset, [a, b]);

describe('dataKey', () => {
  it('is the same for the same data, read again or edited back', () => {
    expect(dataKey(dataset, [record('a'), record('b')])).toBe(before);
  });

  it.each([
    ['a picture is added', [a, b, record('c')]],
    ['a picture is deleted', [a]],
    ['a split is changed', [a, record('b', { split: 'test' })]],
    ['a caption is changed', [a, record('b', { captions: ['another'] })]],
    ['a caption is added', [a, record('b', { captions: ['picture b', 'picture b'] })]],
    ['captions are moved', [record('a', { captions: [] }), record('b', { captions: ['picture a', 'picture b'] })]],
  ])('is another when %s', (_, images) => {
    expect(dataKey(dataset, images)).not.toBe(before);
  });

  it('tells datasets apart, and having none', () => {
    expect(dataKey({ id: 'e' }, [a, b])).not.toBe(before);
    expect(dataKey(null, [])).not.toBe(dataKey(dataset, []));
  });

  it('is part of every key of what was computed from the data', () => {
    const after = dataKey(dataset, [a]);
    expect(evaluationKey('base m', after, 'test')).not.toBe(evaluationKey('base m', before, 'test'));
    expect(exportKey('base m', after, 'float32')).not.toBe(exportKey('base m', before, 'float32'));
    expect(searchKey('base m', after, 'a boat')).not.toBe(searchKey('base m', before, 'a boat'));
  });
});
