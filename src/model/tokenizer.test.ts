import { describe, expect, test } from 'vitest';
import added from './fixtures/added-tokens.json';
import stored from './fixtures/tokenizer.json';
import { clipTokenizer } from './families/clip/tokenizer';
import { createPreTokenizer } from './text-pipeline';
import { createTokenizer } from './tokenizer';

const { maxTokens, tokenizer: definition, vocab, merges, cases } = stored;

describe.each([
  ['tokenizer.json', { tokenizer: definition }],
  ['vocab.json and merges.txt', { vocab, merges }],
])('tokenizer from %s', (_, files) => {
  const tokenizer = createTokenizer(files, maxTokens, clipTokenizer);

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

describe('added tokens are found as Transformers finds them', () => {
  const { strings } = added;
  test.each(added.cases)('listed in $name', ({ files, ids }) => {
    const { tokenizerAdded, ...others } = files;
    const own = tokenizerAdded ? { tokenizer: { ...definition, added_tokens: tokenizerAdded } } : { vocab, merges };
    const tokenizer = createTokenizer({ ...own, ...others }, 200, clipTokenizer);
    expect(strings.map((text) => [text, tokenizer.encode(text).ids])).toEqual(
      strings.map((text, at) => [text, ids[at]]),
    );
    expect(tokenizer.highest.id).toBe(Object.keys(vocab).length + 10);
  });

  test('tokens that the files name one after the other get ids one after the other', () => {
    const size = Object.keys(vocab).length;
    const tokenizerConfig = { eos_token: '<|endoftext|>', additional_special_tokens: ['<one>', { content: '<two>' }] };
    const tokenizer = createTokenizer({ vocab, merges, tokenizerConfig }, maxTokens, clipTokenizer);
    expect(tokenizer.encode('<two><one>').ids.slice(1, -1)).toEqual([size + 1, size]);
    expect(tokenizer.highest).toEqual({ id: size + 1, file: 'tokenizer_config.json' });
    const gap = () => createTokenizer({ vocab, merges, addedTokens: { '<far>': size + 5 } }, maxTokens, clipTokenizer);
    expect(gap).toThrow(
      `added_tokens.json gives the added token "<far>" the id ${size + 5}, but ${size} is the next one`,
    );
  });
});

/** The definition with another part of its post-processor. */
const changed = (parts: object) => ({ ...definition, post_processor: { ...definition.post_processor, ...parts } });
const split = (step: object) => ({ ...definition, pre_tokenizer: step });
const splitAt = (pattern: object, behavior = 'Isolated') => ({ type: 'Split', pattern, behavior, invert: false });
const doubling = {
  type: 'Sequence',
  normalizers: Array.from({ length: 20 }, () => ({ type: 'Replace', pattern: { String: 'a' }, content: 'aa' })),
};
const nested = (depth: number): object => {
  let step: object = { type: 'NFC' };
  for (let level = 0; level < depth; level++) step = { type: 'Sequence', normalizers: [step] };
  return step;
};

describe('tokenizer files', () => {
  test('special tokens and length come from tokenizer_config.json', () => {
    const tokenizerConfig = { pad_token: '!', model_max_length: 8, eos_token: { content: '<|endoftext|>' } };
    const tokenizer = createTokenizer({ vocab, merges, tokenizerConfig }, maxTokens, clipTokenizer);
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
    [
      'a tokenizer.json without a start token around captions',
      { tokenizer: changed({ cls: undefined }) },
      /post_processor\.cls/,
    ],
    [
      'a tokenizer.json with null for it',
      { tokenizer: changed({ cls: null }) },
      /tokenizer\.json .*post_processor\.cls/,
    ],
    [
      'an end token of another id',
      { tokenizer: changed({ sep: ['<|endoftext|>', 5] }) },
      /"<\|endoftext\|>" around captions as 5/,
    ],
    [
      'a step of an unknown type',
      { tokenizer: { ...definition, normalizer: { type: 'Magic' } } },
      /normalizer\.type": is of the type "Magic"/,
    ],
    ['steps of no length', { tokenizer: split({ type: 'FixedLength', length: 0 }) }, /pre_tokenizer\.length/],
    ['a pattern that is none', { tokenizer: split(splitAt({ Regex: '(a' })) }, /pattern that cannot be read: "\(a"/],
    ['text that grows and grows', { tokenizer: { ...definition, normalizer: doubling } }, /more than 64 times as long/],
    [
      'merges of what is not there',
      { vocab, merges: 'zzz yyy\n' },
      /merges\.txt merges "zzz" with "yyy", but the vocabulary has no "zzz"/,
    ],
    [
      'an unknown token that is unknown',
      { vocab, merges, tokenizerConfig: { unk_token: '<unk>' } },
      /"<unk>" stand for unknown/,
    ],
    [
      'steps a thousand deep',
      { tokenizer: { ...definition, normalizer: nested(10_000) } },
      /nested too deep|no tokenizer file/,
    ],
    ['merges of three', { vocab, merges: 'a b c\n' }, /merges.txt is damaged: the line "a b c"/],
    ['a vocabulary without the end token', { vocab: { a: 0 }, merges: '' }, /vocab.json does not know the token/],
  ])('%s is refused with the reason', (_, files, message) => {
    expect(() => createTokenizer(files, 77, clipTokenizer)).toThrow(message);
  });

  test('a megabyte of text is cut before it is looked at', () => {
    const tokenizer = createTokenizer({ vocab, merges }, maxTokens, clipTokenizer);
    expect(tokenizer.encode('a'.repeat(1_000_000)).truncated).toBe(true);
  });

  test.each([
    ['a pre-tokenizer', (step: object) => split(step)],
    [
      'a pre-tokenizer inside of others',
      (step: object) => split({ type: 'Sequence', pretokenizers: [{ type: 'Sequence', pretokenizers: [step] }] }),
    ],
    ['a normalizer', (step: object) => ({ ...definition, normalizer: { ...step, type: 'Replace', content: '' } })],
  ])('a pattern that takes for ever is refused in %s', (_, put) => {
    const slow = put(splitAt({ Regex: '(\\w+\\s?)+$' }));
    const began = performance.now();
    expect(() => createTokenizer({ tokenizer: slow }, 77, clipTokenizer)).toThrow(
      /tokenizer\.json has the pattern "\(\\w\+\\s\?\)\+\$", which can take/,
    );
    expect(performance.now() - began).toBeLessThan(1000);
  });

  test.each([
    ['Isolated', ['a', ' ', ' ', 'b', ' ', 'c']],
    ['Removed', ['a', 'b', 'c']],
    ['MergedWithPrevious', ['a ', ' ', 'b ', 'c']],
    ['MergedWithNext', ['a', ' ', ' b', ' c']],
    ['Contiguous', ['a', '  ', 'b', ' ', 'c']],
  ])('text is split as the tokenizers library does: %s', (behavior, pieces) => {
    const splitter = createPreTokenizer(
      { type: 'Split', pattern: { String: ' ' }, behavior: behavior as 'Isolated', invert: false },
      'tokenizer.json',
    );
    expect(splitter(['a  b c'], 0)).toEqual(pieces);
  });
});
