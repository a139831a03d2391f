import { SplitPreTokenizer } from '@huggingface/tokenizers';
import { describe, expect, test } from 'vitest';
import { isQuick } from './pattern-cost';

/** A pattern of a tokenizer.json as the regular expression that is made of it. */
function compiled(Regex: string): RegExp {
  const { pattern } = new SplitPreTokenizer({ type: 'Split', pattern: { Regex }, behavior: 'Isolated', invert: false });
  if (pattern === null) throw new Error('The library makes no expression of it.');
  return pattern;
}

/** Text that makes slow patterns slow: long runs of one kind, with an end that fits nothing. */
const runs = ['a', ' ', '1', '\n', 'ab', 'a ', '\r\n', '!', 'Aa'].map((unit) => `${unit.repeat(4_000)}\u0001!`);

describe('patterns of published tokenizers are quick', () => {
  const word = String.raw`[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`;
  const suffix = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
  test.each([
    ['CLIP', String.raw`<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+`],
    ['white space', String.raw`\s+`],
    ['GPT-2', String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`],
    [
      'Llama 3 and cl100k',
      String.raw`${suffix}|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    ],
    [
      'o200k',
      String.raw`${word}*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+${suffix}?|${word}+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*${suffix}?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
    ],
    ['SigLIP', ' {2,}'],
    ['ends of lines', String.raw`^\s+|\s+$`],
    ['BLOOM', String.raw` ?[^(\s|[.,!?…。，、।۔،])]+`],
    ['digits by threes', String.raw`\p{N}{1,3}(?=(?:\p{N}{3})*(?:\P{N}|$))`],
  ])('%s', (_, source) => {
    const pattern = compiled(source);
    expect(isQuick(pattern)).toBe(true);
    const began = performance.now();
    for (const text of runs) text.match(pattern);
    expect(performance.now() - began).toBeLessThan(20_000);
  });
});

test.each([
  String.raw`(\w+\s?)+$`,
  '(a+)+b',
  '(a|a)*b',
  '(a|aa)+$',
  '([a-z]+)*!',
  String.raw`(?:\p{L}|\p{Ll})+\d`,
  '(x+x+)+y',
  String.raw`^(?=(\w+)+$)z`,
  String.raw`x(?!(\w+)+!)`,
  '(?<=(a+)+)b',
  '(?:a?){30}a{30}',
  '(a{1,3}){1,30}b',
  'a*a*a*a*b',
  String.raw`\w+\s*\w+!`,
  String.raw`(a*)\1b`,
  '(?>(a+)+)b',
  '(?:|a)+b',
  '(a*)*',
])('%s is not quick', (source) => {
  expect(isQuick(compiled(source))).toBe(false);
});
