import { describe, expect, test } from 'vitest';
import { createTokenizer } from '../../tokenizer';
import stored from './fixtures/tokenizers.json';
import { siglipTokenizer } from './tokenizer';

const { maxTokens, tokenizers, variants } = stored;

describe.each(Object.entries(variants))('tokenizer of %s', (_, { tokenizer: name, tokenizerConfig, cases }) => {
  const definition: unknown = JSON.parse(tokenizers[name as keyof typeof tokenizers]);
  const tokenizer = createTokenizer({ tokenizer: definition, tokenizerConfig }, maxTokens, siglipTokenizer);

  test.each(Object.entries(cases).map(([text, ids]) => [JSON.stringify(text).slice(0, 60), text, ids] as const))(
    '%s',
    (_title, text, ids) => {
      const { ids: found, truncated } = tokenizer.encode(text);
      expect(found.join(' ') + (truncated ? ' cut' : '')).toBe(ids);
    },
  );
});

test('a model without tokenizer.json is refused with what to do', () => {
  expect(() => createTokenizer({ vocab: {}, merges: '' }, maxTokens, siglipTokenizer)).toThrow(/no tokenizer\.json/);
});
