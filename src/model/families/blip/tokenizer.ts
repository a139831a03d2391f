import { ModelError } from '../../errors';
import type { TokenizerKind } from '../../tokenizer';

/**
 * The tokenizer of BLIP, that of BERT (`BertTokenizer`): WordPiece between [CLS] and [SEP]. [DEC] and [ENC], which take the place of [CLS], are tokens
 * that many models' files do not list.
 */
export const blipTokenizer: TokenizerKind = {
  special: { start: '[CLS]', end: ['[SEP]'], unknown: '[UNK]', others: ['[PAD]', '[MASK]'] },
  around: { start: 'cls_token', end: 'sep_token' },
  vocabularyFile: 'vocab.txt',
  padded: false,
  fromVocabulary({ words }, { start, end, unknown }, { doLowerCase, stripAccents, tokenizeChinese }) {
    if (words === null || words === undefined) {
      throw new ModelError(
        'missing',
        'The model has neither tokenizer.json nor vocab.txt. Add the file of a copy of the model that has one of them.',
        { file: 'tokenizer.json' },
      );
    }
    const vocab = lines(words);
    const idOf = (content: string): number => {
      const id = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
      if (id !== undefined) return id;
      throw new ModelError('invalid', `vocab.txt does not know the token "${content}".`, { file: 'vocab.txt' });
    };
    return {
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: tokenizeChinese ?? true,
        strip_accents: stripAccents ?? null,
        lowercase: doLowerCase ?? true,
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      post_processor: { type: 'BertProcessing', sep: [end, idOf(end)], cls: [start, idOf(start)] },
      model: {
        type: 'WordPiece',
        unk_token: unknown,
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    };
  },
  adapt(definition) {
    if (definition.model.type === 'WordPiece') return definition;
    throw new ModelError(
      'unsupported',
      `tokenizer.json describes a tokenizer of the type ${definition.model.type}. BLIP writes words by WordPiece, as BERT does: open the tokenizer that belongs to this model.`,
      { file: 'tokenizer.json' },
    );
  },
};

/** One token a line; a token that comes twice has its last place, as in Transformers. */
function lines(text: string): Record<string, number> {
  const all = text.split('\n').map((line) => line.replace(/\r$/, ''));
  if (all.at(-1) === '') all.pop();
  return Object.fromEntries(all.map((content, id) => [content, id]));
}
