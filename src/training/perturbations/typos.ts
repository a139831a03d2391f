import { typoShare, type Strength } from '../../tasks/robustness';
import type { Random } from '../random';

/** Letters that lie side by side on a keyboard. */
const rows = ['qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/**
 * Mistakes as hands make them: in some words two letters are swapped, one is left out, doubled, or its neighbour on the keyboard taken for it. Words of
 * one or two letters stay.
 */
export function mistyped(text: string, strength: Strength, random: Random): string {
  return text.replace(/[\p{L}\p{M}]{3,}/gu, (word) => (random() < typoShare[strength] ? mistake(word, random) : word));
}

function mistake(word: string, random: Random): string {
  const letters = Array.from(word);
  const place = 1 + Math.floor(random() * (letters.length - 1));
  const [letter = '', before = ''] = [letters[place], letters[place - 1]];
  switch (Math.floor(random() * 4)) {
    case 0:
      letters.splice(place - 1, 2, letter, before);
      break;
    case 1:
      letters.splice(place, 1);
      break;
    case 2:
      letters.splice(place, 0, letter);
      break;
    default:
      letters[place] = neighbour(letter, random);
  }
  return letters.join('');
}

function neighbour(letter: string, random: Random): string {
  const row = rows.find((keys) => keys.includes(letter.toLowerCase()));
  if (row === undefined) return letter;
  const place = row.indexOf(letter.toLowerCase());
  const beside = [row[place - 1], row[place + 1]].filter((key) => key !== undefined);
  const key = beside[Math.floor(random() * beside.length)] ?? letter;
  return letter === letter.toLowerCase() ? key : key.toUpperCase();
}
