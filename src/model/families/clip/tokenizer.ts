import { ModelError } from '../../errors';
import type { SpecialNames, TokenizerKind, VocabularyFiles } from '../../tokenizer';
import { parseTokenizerFile, vocabularySchema, type TokenizerDefinition } from '../../tokenizer-definition';

/** CLIP's own tokenizer: byte-level BPE, between a start and an end token. */
export const clipTokenizer: TokenizerKind = {
  special: { start: '<|startoftext|>', end: ['<|endoftext|>'], unknown: '<|endoftext|>' },
  padded: false,
  fromVocabulary: clipTokenizerDefinition,
};

/**
 * tokenizer.json as Transformers' `CLIPTokenizer` sets it up from vocab.json and merges.txt.
 *
 * @throws ModelError `missing` or `invalid`
 */
function clipTokenizerDefinition(files: VocabularyFiles, special: SpecialNames): TokenizerDefinition {
  if (files.vocab === undefined || files.vocab === null || files.merges === undefined || files.merges === null) {
    throw new ModelError(
      'missing',
      'The model has neither tokenizer.json nor vocab.json with merges.txt. Add one of them.',
      { file: 'tokenizer.json' },
    );
  }
  const vocab = parseTokenizerFile(vocabularySchema, files.vocab, 'vocab.json');
  const idOf = (content: string): number => {
    const id = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
    if (id !== undefined) return id;
    throw new ModelError('invalid', `vocab.json does not know the token "${content}".`, { file: 'vocab.json' });
  };
  return {
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
        { type: 'Lowercase' },
      ],
    },
    pre_tokenizer: {
      type: 'Sequence',
      pretokenizers: [
        {
          type: 'Split',
          pattern: {
            Regex:
              "<\\|startoftext\\|>|<\\|endoftext\\|>|'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
          },
          behavior: 'Removed',
          invert: true,
        },
        { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [special.end, idOf(special.end)],
      cls: [special.start, idOf(special.start)],
    },
    model: {
      type: 'BPE',
      unk_token: special.unknown,
      end_of_word_suffix: '</w>',
      ignore_merges: false,
      vocab,
      merges: mergeLines(files.merges),
    },
  };
}

/** @throws ModelError `invalid` for a line that is no pair */
function mergeLines(text: string): [string, string][] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#version'))
    .map((line) => {
      const [left, right, more] = line.split(' ');
      if (left !== undefined && right !== undefined && more === undefined) return [left, right];
      throw new ModelError('invalid', `merges.txt is damaged: the line "${line.slice(0, 40)}" is no pair of tokens.`, {
        file: 'merges.txt',
      });
    });
}
