import { describe, expect, it, vi } from 'vitest';
import { imageRecord } from '../dataset/testing/records';
import { dataKey } from './dataKey';
import { evaluationKey } from './evaluation';
import { exportKey } from './exporting';
import { searchKey } from './playground';

vi.mock('./client', () => ({ client: {} }));

const [a, b] = [imageRecord('a'), imageRecord('b')];
const dataset = { id: 'd' };
const before = dataKey(dataset, [a, b]);

describe('dataKey', () => {
  it('is the same for the same data, read again or edited back', () => {
    expect(dataKey(dataset, [imageRecord('a'), imageRecord('b')])).toBe(before);
  });

  it.each([
    ['a picture is added', [a, b, imageRecord('c')]],
    ['a picture is deleted', [a]],
    ['a split is changed', [a, imageRecord('b', { split: 'test' })]],
    ['a caption is changed', [a, imageRecord('b', { captions: ['another'] })]],
    ['a caption is added', [a, imageRecord('b', { captions: ['picture b', 'picture b'] })]],
    [
      'captions are moved',
      [imageRecord('a', { captions: [] }), imageRecord('b', { captions: ['picture a', 'picture b'] })],
    ],
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
