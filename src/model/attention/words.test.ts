import { describe, expect, test } from 'vitest';
import { wordsOf } from './words';

/** Letters in pairs are tokens, with a mark where a word ends. */
function ids(text: string): number[] {
  return text.split(/\s+/).flatMap((word) =>
    (word.match(/..?/gs) ?? []).map((piece, index, pieces) => {
      const letters = [...piece].reduce((sum, letter) => 300 * sum + letter.charCodeAt(0), 0);
      return 10 + 2 * letters + Number(index === pieces.length - 1);
    }),
  );
}

const short = (text: string): number[] => [1, ...ids(text), 2];
const padded = (text: string): number[] => {
  const body = [...ids(text).slice(0, 7), 2];
  return [...body, ...new Array<number>(8 - body.length).fill(2)];
};

describe('the tokens of words', () => {
  test('lie one behind the other between the special tokens', () => {
    expect(wordsOf(' a  small shoe', short)).toEqual([
      { text: 'a', from: 1, to: 2 },
      { text: 'small', from: 2, to: 5 },
      { text: 'shoe', from: 5, to: 7 },
    ]);
  });

  test('end before padding, and are none behind the place where a text is cut', () => {
    expect(wordsOf('a small', padded)).toEqual([
      { text: 'a', from: 0, to: 1 },
      { text: 'small', from: 1, to: 4 },
    ]);
    expect(wordsOf('a small yellow boat', padded)).toEqual([
      { text: 'a', from: 0, to: 1 },
      { text: 'small', from: 1, to: 4 },
      { text: 'yellow', from: 4, to: 7 },
      { text: 'boat', from: 7, to: 7 },
    ]);
  });

  test('of nothing there are none', () => {
    expect(wordsOf('  ', short)).toEqual([]);
  });
});
