import { expect, test } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import { groupsOf } from './groups';

/** Twenty-four samples of twelve subjects, two of each but for one sample without. */
const subjects = Array.from({ length: 24 }, (_, place) => (place === 23 ? '' : `subject ${place % 12}`));
const samples = subjects.map((subject, place) =>
  sampleRecord(String(place), { fields: subject === '' ? {} : { subject, kind: place % 2 === 0 ? 'a' : 'b' } }),
);
const columns = (role: 'group' | 'none') => ({
  columns: [
    { name: 'subject', role },
    { name: 'kind', role: 'group' as const },
  ],
});

test('samples of one group are drawn together, those without a group by themselves', () => {
  const groups = [...groupsOf(samples, columns('group'))];
  expect(groups.slice(0, 12)).toEqual(Array.from({ length: 12 }, (_, place) => place));
  expect(groups.slice(12)).toEqual([...Array.from({ length: 11 }, (_, place) => place), 12]);
});

test('a column with few groups ties nothing: without another, each sample is drawn as the task ties it', () => {
  expect([...groupsOf(samples, columns('none'))]).toEqual(samples.map((_, place) => place));
  const tied = Int32Array.from(samples, (_, place) => place >> 1);
  expect([...groupsOf(samples, columns('none'), tied)]).toEqual([...tied]);
});

test('what either ties is one group', () => {
  const tied = Int32Array.from(samples, (_, place) => place >> 1);
  const groups = [...groupsOf(samples, columns('group'), tied)];
  // Subjects 0 and 1 are tied by the task, and so are their second pictures.
  expect(new Set([groups[0], groups[1], groups[12], groups[13]]).size).toBe(1);
  expect(groups[2]).not.toBe(groups[0]);
});
