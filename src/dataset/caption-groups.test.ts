import { expect, test } from 'vitest';
import { captionGroups, distinctCaptions } from './caption-groups';

test('captions are tied where a picture carries several, however long the chain', () => {
  const { ofCaption, count } = captionGroups([[0], [3, 1], [1, 4], [2], [2]], 5);
  expect([...ofCaption]).toEqual([0, 1, 2, 1, 1]);
  expect(count).toBe(3);
});

test('captions that differ by case and spaces are one', () => {
  const { keys, captionsOf } = distinctCaptions([
    { captions: ['A  pear', 'a pear'] },
    { captions: [] },
    { captions: ['a plum', 'a Pear '] },
  ]);
  expect(keys).toEqual(['a pear', 'a plum']);
  expect(captionsOf).toEqual([[0], [], [1, 0]]);
});
