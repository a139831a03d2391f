import { expect, test } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import { groupsOf } from './groups';

const samples = ['ann', 'bob', 'ann', '', 'bob', 'eve'].map((subject, place) =>
  sampleRecord(String(place), { fields: subject === '' ? {} : { subject } }),
);
const columns = (role: 'group' | 'none') => ({ columns: [{ name: 'subject', role }] });

test('samples of one group are drawn together, those without a group by themselves', () => {
  expect([...groupsOf(samples, columns('group'))]).toEqual([0, 1, 0, 2, 1, 3]);
});

test('without a column of groups each sample is drawn as the task ties it', () => {
  expect([...groupsOf(samples, columns('none'))]).toEqual([0, 1, 2, 3, 4, 5]);
  expect([...groupsOf(samples, columns('none'), Int32Array.of(0, 0, 1, 1, 2, 2))]).toEqual([0, 0, 1, 1, 2, 2]);
});

test('what either ties is one group', () => {
  // The task ties the last two; bob is on both sides.
  expect([...groupsOf(samples, columns('group'), Int32Array.of(0, 1, 2, 3, 4, 4))]).toEqual([0, 1, 0, 2, 1, 1]);
});
