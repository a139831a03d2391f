import { expect, it } from 'vitest';
import { baseColumns, columnWithRole, labelOf, textIn, valueIn } from './columns';
import { sampleRecord } from './testing/records';

const columns = [...baseColumns, { name: 'kind', role: 'label' as const }, { name: 'price', role: 'number' as const }];
const boot = sampleRecord('a', { captions: ['a boot'], split: 'test', fields: { kind: 'Footwear', price: 49.5 } });

it('gives what a sample has in a column by the role that the column holds', () => {
  expect(columns.map((column) => valueIn(boot, column))).toEqual([null, ['a boot'], 'test', 'Footwear', 49.5]);
  expect(columnWithRole({ columns }, 'number')).toEqual({ name: 'price', role: 'number' });
  expect(columnWithRole({ columns }, 'group')).toBeNull();
});

it('gives nothing where a sample has nothing', () => {
  const bare = sampleRecord('b', { captions: [] });
  expect(columns.map((column) => valueIn(bare, column))).toEqual([null, null, 'train', null, null]);
  expect(valueIn(bare, { name: 'constructor', role: 'none' })).toBeNull();
});

it('takes for a label one text or number, and not several', () => {
  expect(labelOf({ columns }, boot)).toBe('Footwear');
  expect(labelOf({ columns }, sampleRecord('c', { fields: { kind: 7 } }))).toBe('7');
  expect(labelOf({ columns }, sampleRecord('d', { fields: { kind: ['one'] } }))).toBe('one');
  expect(labelOf({ columns }, sampleRecord('e', { fields: { kind: ['one', 'two'] } }))).toBeNull();
  expect(labelOf({ columns }, sampleRecord('f'))).toBeNull();
  expect(labelOf({ columns: baseColumns.slice() }, boot)).toBeNull();
  expect(textIn(boot, { name: 'price', role: 'number' })).toBe('49.5');
});
