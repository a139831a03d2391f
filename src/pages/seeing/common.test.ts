import { expect, test } from 'vitest';
import { commonWords, mostSaid } from './common';
import { movedBetween } from './moved';

test('what a group has in common and others have not', () => {
  const inside = ['a red glass of wine', 'Glass with milk', 'the broken glass', 'a cup'];
  const outside = ['a red boat', 'a red car', 'the sea', 'a dog with milk', 'a cat', 'glass house'];
  expect(commonWords(inside, outside)).toEqual([{ word: 'glass', inside: 3, outside: 1 }]);
  expect(commonWords(['a boat', 'a car'], [])).toEqual([
    { word: 'boat', inside: 1, outside: 0 },
    { word: 'car', inside: 1, outside: 0 },
  ]);
});

test('what samples are taken for most', () => {
  expect(mostSaid(['cat', 'dog', 'cat', 'cow'])).toEqual({ said: 'cat', count: 2 });
  expect(mostSaid(['cat', 'dog', 'cow'])).toBeNull();
  expect(mostSaid([])).toBeNull();
});

test('neighbours move in and out', () => {
  const { base, tuned, stayed } = movedBetween(['a', 'b', 'c'], ['c', 'd', 'a'], (item) => item);
  expect(base.map(({ moved }) => moved)).toEqual([null, 'out', null]);
  expect(tuned.map(({ moved }) => moved)).toEqual([null, 'in', null]);
  expect(stayed).toBe(2);
});
