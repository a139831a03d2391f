import { ModelError } from '../../errors';
import type { TokenizerKind, TokenizerSettings } from '../../tokenizer';
import type { NormalizerStep, TokenizerDefinition } from '../../tokenizer-definition';

/**
 * The tokenizers of SigLIP (SentencePiece unigram, `SiglipTokenizer`) and of SigLIP 2 (BPE of Gemma, `Siglip2Tokenizer`): no start token, an end
 * token, and padding up to the longest caption, since the text tower reads the last position.
 */
export const siglipTokenizer: TokenizerKind = {
  special: { start: null, end: ['</s>', '<eos>'], unknown: '<unk>' },
  padded: true,
  fromVocabulary() {
    throw new ModelError(
      'missing',
      'The model has no tokenizer.json. Save its tokenizer with Transformers in that form, or add the file of a copy of the model that has it.',
      { file: 'tokenizer.json' },
    );
  },
  adapt(definition, settings) {
    const canonical = definition.model.type === 'Unigram' ? unigramSteps(settings) : [lowercase];
    return {
      ...definition,
      normalizer: sequence([...canonical, ...(definition.normalizer ? [definition.normalizer] : [])]),
      post_processor: surroundings(definition, settings) ?? definition.post_processor,
      padding: { direction: paddingSide(definition, settings) },
    };
  },
};

/** SigLIP 2 was trained on lower-cased captions, whatever the tokenizer's file says of them (transformers#43054). */
const lowercase: NormalizerStep = { type: 'Lowercase' };

/** Python's `string.punctuation`. */
const punctuation = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';

/**
 * What `SiglipTokenizer` does to text before its vocabulary sees it (`canonicalize_text`). Files that already ask for it are not changed by doing
 * it twice; those of other classes are followed as they are.
 */
function unigramSteps({ tokenizerClass, doLowerCase }: TokenizerSettings): readonly NormalizerStep[] {
  if (!/^SiglipTokenizer(Fast)?$/.test(tokenizerClass ?? '')) return [];
  return [
    ...(doLowerCase === false ? [] : [lowercase]),
    { type: 'Replace', pattern: { Regex: punctuation }, content: '' },
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    { type: 'Strip', strip_left: true, strip_right: true },
  ];
}

function sequence(steps: readonly NormalizerStep[]): NormalizerStep | null {
  return steps.length === 0 ? null : { type: 'Sequence', normalizers: [...steps] };
}

/** Where the settings say which special tokens surround captions, that counts and not what tokenizer.json says, as in Transformers. */
function surroundings(
  { model, added_tokens: added }: TokenizerDefinition,
  { addsStart, addsEnd, start, end }: TokenizerSettings,
): TokenizerDefinition['post_processor'] {
  if (addsStart === undefined && addsEnd === undefined) return undefined;
  const idOf = (content: string): number | undefined => {
    const token = added?.find((one) => one.content === content);
    if (token !== undefined) return token.id;
    if (model.type !== 'Unigram') return Object.hasOwn(model.vocab, content) ? model.vocab[content] : undefined;
    const at = model.vocab.findIndex(([piece]) => piece === content);
    return at === -1 ? undefined : at;
  };
  const before = addsStart === true ? start : undefined;
  const behind = addsEnd === true ? end : undefined;
  const used = [before, behind].flatMap((content) => {
    const id = content === undefined ? undefined : idOf(content);
    return content === undefined || id === undefined ? [] : [{ content, id }];
  });
  const item = (content: string | undefined) =>
    used.filter((token) => token.content === content).map((token) => ({ SpecialToken: { id: token.content } }));
  return {
    type: 'TemplateProcessing',
    single: [...item(before).slice(0, 1), { Sequence: { id: 'A' } }, ...item(behind).slice(0, 1)],
    special_tokens: Object.fromEntries(used.map(({ content, id }) => [content, { ids: [id] }])),
  };
}

/** As the classes of Transformers choose it: the settings, then tokenizer.json, then the habit of the class. */
function paddingSide({ padding }: TokenizerDefinition, { paddingSide: said, tokenizerClass }: TokenizerSettings) {
  const habit = /^(Gemma|Siglip2)Tokenizer/.test(tokenizerClass ?? '') ? 'left' : 'right';
  return said ?? padding?.direction ?? habit;
}
