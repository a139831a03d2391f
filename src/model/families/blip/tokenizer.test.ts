import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../../tokenizer';
import stored from './fixtures/tokenizer.json';
import { blipTokenizer } from './tokenizer';

describe.each(Object.entries(stored))('%s tokenizer of BLIP', (_, fixture) => {
  const { maxTokens, tokenizer: definition, words, tokenizerConfig, encoded, decoded } = fixture;

  describe.each([
    ['tokenizer.json', { tokenizer: definition, tokenizerConfig }],
    ['vocab.txt', { words, tokenizerConfig }],
  ])('from %s', (__, files) => {
    const tokenizer = createTokenizer(files, maxTokens, blipTokenizer);

    test.each(encoded.map((entry) => [JSON.stringify(entry.text).slice(0, 60), entry] as const))('%s', (___, entry) => {
      expect(tokenizer.encode(entry.text)).toEqual({ ids: entry.ids, truncated: entry.truncated });
    });

    test.each(decoded.map(({ ids, text }) => [text, ids] as const))('gives back “%s”', (text, ids) => {
      expect(tokenizer.decode(ids)).toBe(text);
    });
  });
});

test('vocab.txt alone is enough, and without any file it is said what is missing', () => {
  const { words, maxTokens, encoded } = stored.plain;
  const tokenizer = createTokenizer({ words }, maxTokens, blipTokenizer);
  const plain = encoded.filter(({ text }) => !/\[/.test(text));
  for (const { text, ids } of plain) expect(tokenizer.encode(text).ids).toEqual(ids);
  expect(() => createTokenizer({}, maxTokens, blipTokenizer)).toThrow('neither tokenizer.json nor vocab.txt');
  const broken = words.replace('[SEP]\n', '');
  expect(() => createTokenizer({ words: broken }, maxTokens, blipTokenizer)).toThrow('vocab.txt does not know');
});
