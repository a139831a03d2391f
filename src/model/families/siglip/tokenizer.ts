import { ModelError } from '../../errors';
import type { TokenizerKind, TokenizerSettings } from '../../tokenizer';
import type { NormalizerStep, PreTokenizerStep, TokenizerDefinition } from '../../tokenizer-definition';

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
    const padding = { direction: paddingSide(definition, settings) };
    if (definition.model.type !== 'Unigram') {
      return { ...definition, padding, normalizer: sequence([lowercase, definition.normalizer]) };
    }
    // Files of other classes are followed as they are.
    if (!/^SiglipTokenizer(Fast)?$/.test(settings.tokenizerClass ?? '')) return { ...definition, padding };
    return {
      ...definition,
      padding,
      normalizer: sequence([...canonicalText(settings), greedily(definition.normalizer), strip]),
      pre_tokenizer: firstAlone(definition.pre_tokenizer),
    };
  },
};

/** SigLIP 2 was trained on lower-cased captions, whatever the tokenizer's file says of them (transformers#43054). */
const lowercase: NormalizerStep = { type: 'Lowercase' };

/** Python's `string.punctuation`. */
const punctuation = '[!"#$%&\'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]';

const strip: NormalizerStep = { type: 'Strip', strip_left: true, strip_right: true };

/** What `SiglipTokenizer` does to text before SentencePiece sees it (`tokenize`, `canonicalize_text`). */
function canonicalText({ doLowerCase }: TokenizerSettings): readonly NormalizerStep[] {
  return [
    { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
    ...(doLowerCase === false ? [] : [lowercase]),
    { type: 'Replace', pattern: { Regex: punctuation }, content: '' },
    { type: 'Replace', pattern: { Regex: '\\s+' }, content: ' ' },
    strip,
  ];
}

/** SentencePiece applies its character map in its own way. */
function greedily(step: NormalizerStep | null | undefined): NormalizerStep | null | undefined {
  if (step?.type === 'Sequence')
    return { ...step, normalizers: step.normalizers.map((each) => greedily(each) ?? each) };
  return step?.type === 'Precompiled' ? { ...step, greedy: true } : step;
}

/** Only at the beginning of a caption a word is marked as one, not behind special tokens in it. */
function firstAlone(step: PreTokenizerStep | null | undefined): PreTokenizerStep | null | undefined {
  return step?.type === 'Metaspace' ? { ...step, prepend_scheme: 'first' } : step;
}

function sequence(steps: readonly (NormalizerStep | null | undefined)[]): NormalizerStep {
  return { type: 'Sequence', normalizers: steps.filter((step) => step !== null && step !== undefined) };
}

/** As the classes of Transformers choose it: the settings, then tokenizer.json, then the habit of the class. */
function paddingSide({ padding }: TokenizerDefinition, { paddingSide: said, tokenizerClass }: TokenizerSettings) {
  const habit = /^(Gemma|Siglip2)Tokenizer/.test(tokenizerClass ?? '') ? 'left' : 'right';
  return said ?? padding?.direction ?? habit;
}
