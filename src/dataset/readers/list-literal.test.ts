import { expect, it } from 'vitest';
import { captionsIn } from './cells';
import { readList } from './list-literal';

it('reads lists as JSON, Python and NumPy write them', () => {
  expect(readList('["a cat", "a \\"big\\" cat"]')).toEqual(['a cat', 'a "big" cat']);
  expect(readList("['a cat', \"the cat's mat\", 'it\\'s']")).toEqual(['a cat', "the cat's mat", "it's"]);
  expect(readList("[ 'a cat'\n 'a dog' ]")).toEqual(['a cat', 'a dog']);
  expect(readList("array(['a cat', 'a dog'], dtype=object)")).toEqual(['a cat', 'a dog']);
  expect(readList("['caf\\xe9', '\\u732b', '\\U0001f408', 'two\\nlines']")).toEqual(['café', '猫', '🐈', 'two\nlines']);
  expect(readList("['one, with [brackets]',]")).toEqual(['one, with [brackets]']);
  expect(readList('[]')).toEqual([]);
});

it('leaves texts that only look like lists', () => {
  for (const text of ['a cat', '[a tag]', "['open", "['a'b']", '[1, 2]', "['a', b]", '["a"] and more', '[']) {
    expect(readList(text), text).toBeNull();
  }
});

it('takes captions from strings, numbers, objects and conversations', () => {
  expect(captionsIn("['one', 'two']")).toEqual(['one', 'two']);
  expect(captionsIn(['one', { raw: 'two' }, { text: ['three'] }, null, 4])).toEqual(['one', 'two', 'three', '4']);
  expect(captionsIn(null)).toEqual([]);
  const turns = [
    { from: 'human', value: 'Describe it.' },
    { from: 'gpt', value: 'a cat' },
  ];
  expect(captionsIn(turns)).toEqual(['a cat']);
  const chat = [
    { role: 'user', content: [{ type: 'image' }, { type: 'text', text: 'Describe it.' }] },
    { role: 'assistant', content: [{ type: 'text', text: 'a dog' }] },
  ];
  expect(captionsIn(chat)).toEqual(['a dog']);
  expect(captionsIn([turns[0]])).toEqual([]);
});
