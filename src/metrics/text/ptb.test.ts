import { expect, test } from 'vitest';
import { americanSpelling } from './american';
import { cocoTokens } from './ptb';

// By the rules of Stanford's tokenizer as its documentation and its own tests state them: the program needs Java and is not run here.
test.each([
  ['A man riding a horse.', 'a man riding a horse'],
  ["A man doesn't like the dog's ball", "a man does n't like the dog 's ball"],
  ["I can't, we won't, you cannot: he's gonna", "i ca n't we wo n't you can not he 's gon na"],
  ['It’s the children’s room; they’ve left', "it 's the children 's room they 've left"],
  ["the dogs' toys", 'the dogs toys'],
  ["rock 'n' roll in the '90s at 5 o'clock", "rock 'n' roll in the '90s at 5 o'clock"],
  ['a black-and-white t-shirt', 'a black-and-white t-shirt'],
  ['1,000 people at 10:30, 3.5 kg', '1,000 people at 10:30 3.5 kg'],
  ['$5 and 50% of 1/2', '$ 5 and 50 % of 1/2'],
  ['a 3d print of 20 cats', 'a 3d print of 20 cats'],
  ['Mr. Smith of the U.S. sees St. John at 5 p.m.', 'mr. smith of the u.s. sees st. john at 5 p.m.'],
  ['"Quoted" and “curly” and `so`', 'quoted and curly and so'],
  ['what?! no!! yes! well... ok - done -- now — then', 'what ?! no !! yes well ok done now then'],
  ['a sign (in red) [sic]', 'a sign -lrb- in red -rrb- -lsb- sic -rsb-'],
  ['red/green and/or blue', 'red/green and/or blue'],
  ['salt & pepper, salt &amp; pepper', 'salt & pepper salt & pepper'],
  ["une élève naïve, à l'hôtel", "une élève naïve à l'hôtel"],
  ["O'Brien's house", "o'brien 's house"],
  ['猫 🐱 on a mat', '猫 on a mat'],
  ['A grey cat in the centre of a colourful theatre', 'a gray cat in the center of a colourful theater'],
  ['', ''],
  ['...', ''],
  ['  two   spaces\tand a tab ', 'two spaces and a tab'],
])('“%s”', (caption, expected) => {
  expect(cocoTokens(caption).join(' ')).toBe(expected);
});

test('a caption of any length takes time in proportion to it', () => {
  for (const part of ['a', "a'", 'a-', '1.', 'a.', "'", '((', 'word ', 'a/', '@a', 'ou']) {
    expect(cocoTokens(part.repeat(20_000)).length).toBeGreaterThanOrEqual(0);
  }
});

test('British words are American ones', () => {
  const words = [
    'colour',
    'colours',
    'favourite',
    'travelling',
    'realised',
    'programmes',
    'manoeuvre',
    'hour',
    'glamour',
  ];
  expect(words.map(americanSpelling)).toEqual([
    ...['color', 'colors', 'favorite', 'traveling', 'realized', 'programs', 'maneuver', 'hour', 'glamour'],
  ]);
});
