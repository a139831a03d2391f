import { describe, expect, test } from 'vitest';
import stored from './fixtures/tokenizer.json';
import { createTokenizer } from './tokenizer';

const { maxTokens, tokenizer: definition, vocab, merges, cases } = stored;

describe.each([
  ['tokenizer.json', { tokenizer: definition }],
  ['vocab.json and merges.txt', { vocab, merges }],
])('tokenizer from %s', (_, files) => {
  const tokenizer = createTokenizer(files, maxTokens);

  test.each(cases.map((entry) => [JSON.stringify(entry.text).slice(0, 60), entry] as const))('%s', (_title, entry) => {
    expect(tokenizer.encode(entry.text)).toEqual({ ids: entry.ids, truncated: entry.truncated });
  });

  test('pads a batch with the end token and counts what was cut', () => {
    const { ids, tokens, truncated } = tokenizer.encodeBatch(['a cat', 'word '.repeat(100)]);
    expect(tokens).toBe(maxTokens);
    expect(truncated).toBe(1);
    const end = vocab['<|endoftext|>'];
    const short = tokenizer.encode('a cat').ids;
    expect([...ids.subarray(0, tokens)]).toEqual([...short, ...Array<number>(tokens - short.length).fill(end)]);
    expect(ids[2 * tokens - 1]).toBe(end);
  });

  test('cuts to a shorter length on request and keeps the end token', () => {
    const { ids, tokens, truncated } = tokenizer.encodeBatch(['a photo of a red circle'], 4);
    expect(tokens).toBe(4);
    expect(truncated).toBe(1);
    expect(ids[3]).toBe(vocab['<|endoftext|>']);
  });
});

describe('tokenizer files', () => {
  test('special tokens and length come from tokenizer_config.json', () => {
    const tokenizerConfig = { pad_token: '!', model_max_length: 8, eos_token: { content: '<|endoftext|>' } };
    const tokenizer = createTokenizer({ vocab, merges, tokenizerConfig }, maxTokens);
    expect(tokenizer.maxTokens).toBe(8);
    expect(tokenizer.padId).toBe(vocab['!']);
  });

  test.each([
    ['nothing at all', {}, /neither tokenizer.json nor vocab.json/],
    ['a vocabulary without merges', { vocab }, /neither tokenizer.json nor vocab.json/],
    ['a tokenizer.json that is a list', { tokenizer: [] }, /tokenizer.json is no tokenizer file/],
    [
      'a tokenizer.json of an unknown model',
      { tokenizer: { model: { type: 'Nonsense', vocab: {} } } },
      /tokenizer.json/,
    ],
    ['a vocabulary with names for ids', { vocab: { a: 'b' }, merges }, /vocab.json is no tokenizer file at "a"/],
    ['merges of three', { vocab, merges: 'a b c\n' }, /merges.txt is damaged: the line "a b c"/],
    ['a vocabulary without the end token', { vocab: { a: 0 }, merges: '' }, /vocab.json does not know the token/],
  ])('%s is refused with the reason', (_, files, message) => {
    expect(() => createTokenizer(files, 77)).toThrow(message);
  });

  test('a megabyte of text is cut before it is looked at', () => {
    const tokenizer = createTokenizer({ vocab, merges }, maxTokens);
    expect(tokenizer.encode('a'.repeat(1_000_000)).truncated).toBe(true);
  });
});
