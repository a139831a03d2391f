import {
  BPE,
  ReplaceNormalizer,
  SequenceNormalizer,
  SequencePreTokenizer,
  SplitPreTokenizer,
  Unigram,
  WordPiece,
} from '@huggingface/tokenizers';
import { ModelError } from './errors';
import { isQuick } from './pattern-cost';
import { parseCharacterMap, type CharacterMap } from './precompiled';
import type {
  NormalizerStep,
  PostProcessorStep,
  PreTokenizerStep,
  TextPattern,
  TokenizerModelDefinition,
} from './tokenizer-definition';

/**
 * The steps of a tokenizer, made of the components of `@huggingface/tokenizers`. Where those depart from the `tokenizers` library that
 * Transformers uses, the steps are put right here.
 */

/** How many times longer a text may become while it is normalised. */
const mostGrowth = 64;

/** @throws ModelError `unsupported` for a pattern that may take for ever, or steps that blow text up */
export function createNormalizer(step: NormalizerStep | null | undefined, file: string): (text: string) => string {
  if (!step) return (text) => text;
  if (growth(step, file) > mostGrowth) {
    throw new ModelError(
      'unsupported',
      `${file} replaces text by text that is more than ${mostGrowth} times as long.`,
      {
        file,
      },
    );
  }
  return normalizerOf(step, file);
}

function normalizerOf(step: NormalizerStep, file: string): (text: string) => string {
  switch (step.type) {
    case 'Sequence': {
      const inner = step.normalizers.map((each) => normalizerOf(each, file));
      return (text) => inner.reduce((result, each) => each(result), text);
    }
    case 'Precompiled': {
      const map = characterMap(step, file);
      return (text) => (step.greedy === true ? map.normalizeGreedily(text) : map.normalize(text));
    }
    default: {
      const built = new SequenceNormalizer({ type: 'Sequence', normalizers: [adapted(step)] });
      return (text) => built.normalize(text);
    }
  }
}

/** @throws ModelError `invalid` */
function characterMap(step: Extract<NormalizerStep, { type: 'Precompiled' }>, file: string): CharacterMap {
  try {
    return parseCharacterMap(step.precompiled_charsmap);
  } catch (cause) {
    throw new ModelError('invalid', `${file} has a character map (precompiled_charsmap) that cannot be read.`, {
      file,
      cause,
    });
  }
}

/** The most that a step lengthens text by. Checks patterns on the way. */
function growth(step: NormalizerStep, file: string): number {
  switch (step.type) {
    case 'Sequence':
      return step.normalizers.reduce((product, inner) => product * growth(inner, file), 1);
    case 'Replace': {
      const regex = compile(step.pattern, file);
      // An empty match puts its replacement between all letters.
      return regex.test('') ? step.content.length + 1 : Math.max(1, step.content.length);
    }
    case 'Prepend':
      return 1 + step.prepend.length / 1_000;
    case 'Precompiled':
      return characterMap(step, file).longest;
    default:
      return 1;
  }
}

type LibraryNormalizer = ConstructorParameters<typeof SequenceNormalizer>[0]['normalizers'][number];

function adapted(step: Exclude<NormalizerStep, { type: 'Sequence' | 'Precompiled' }>): LibraryNormalizer {
  switch (step.type) {
    case 'BertNormalizer': {
      const { strip_accents: strips, ...rest } = step;
      return typeof strips === 'boolean' ? { ...rest, strip_accents: strips } : rest;
    }
    case 'Replace':
      // A dollar sign in a replacement is no reference to a group.
      return { ...step, content: step.content.replaceAll('$', '$$$$') };
    case 'Lowercase':
      // Transformers lowers letter by letter; JavaScript looks at words and lowers a sigma at the end of one to a letter of its own.
      return {
        type: 'Sequence',
        normalizers: [{ type: 'Replace', pattern: { String: '\u03a3' }, content: '\u03c3' }, step],
      };
    default:
      return step;
  }
}

/** Splits normalised text into the pieces that the vocabulary is applied to; `section` counts the stretches between added tokens. */
export type PreTokenizer = (pieces: readonly string[], section: number) => readonly string[];

/** @throws ModelError `unsupported` for a pattern that may take for ever */
export function createPreTokenizer(step: PreTokenizerStep | null | undefined, file: string): PreTokenizer {
  if (!step) return (pieces) => pieces;
  switch (step.type) {
    case 'Sequence': {
      const inner = step.pretokenizers.map((each) => createPreTokenizer(each, file));
      return (pieces, section) => inner.reduce((result, each) => each(result, section), pieces);
    }
    case 'Split':
      return splitter(compile(step.pattern, file), step.behavior, step.invert);
    case 'CharDelimiterSplit':
      return splitter(compile({ String: step.delimiter }, file), 'Removed', false);
    default: {
      const built = new SequencePreTokenizer({ type: 'Sequence', pretokenizers: [step] });
      return (pieces, section) => built.pre_tokenize([...pieces], { section_index: section });
    }
  }
}

type SplitBehavior = Extract<PreTokenizerStep, { type: 'Split' }>['behavior'];

/** `NormalizedString::split` of the `tokenizers` library. */
function splitter(regex: RegExp, behavior: SplitBehavior, invert: boolean): PreTokenizer {
  return (pieces) => pieces.flatMap((piece) => merged(matches(piece, regex, invert), behavior)).filter(Boolean);
}

interface Part {
  readonly text: string;
  readonly matched: boolean;
}

function matches(text: string, regex: RegExp, invert: boolean): readonly Part[] {
  const parts: Part[] = [];
  let done = 0;
  for (const match of text.matchAll(regex)) {
    if (match.index > done) parts.push({ text: text.slice(done, match.index), matched: invert });
    if (match[0] !== '') parts.push({ text: match[0], matched: !invert });
    done = match.index + match[0].length;
  }
  if (done < text.length) parts.push({ text: text.slice(done), matched: invert });
  return parts;
}

function merged(parts: readonly Part[], behavior: SplitBehavior): readonly string[] {
  switch (behavior) {
    case 'Isolated':
      return parts.map(({ text }) => text);
    case 'Removed':
      return parts.filter(({ matched }) => !matched).map(({ text }) => text);
    case 'Contiguous':
      return join(parts, (part, before) => part.matched === before.matched);
    case 'MergedWithPrevious':
      return join(parts, (part, before) => part.matched && !before.matched);
    case 'MergedWithNext':
      return join(parts, (part, before) => !part.matched && before.matched);
  }
}

/** Joins a part to the one before it where `belongs` says so. */
function join(parts: readonly Part[], belongs: (part: Part, before: Part) => boolean): readonly string[] {
  const texts: string[] = [];
  let before: Part | null = null;
  for (const part of parts) {
    const last = texts.length - 1;
    if (before !== null && belongs(part, before)) texts[last] = (texts[last] ?? '') + part.text;
    else texts.push(part.text);
    before = part;
  }
  return texts;
}

/**
 * The ids that a vocabulary gives the pieces of a text.
 *
 * @throws Error for a piece that has none
 */
export type Vocabulary = (pieces: readonly string[]) => readonly number[];

/** @throws whatever the library throws for a vocabulary that it cannot take */
export function createVocabulary(definition: TokenizerModelDefinition): Vocabulary {
  const model = createModel(definition);
  const idOf = (token: string): number => {
    const id = model.tokens_to_ids.get(token) ?? model.unk_token_id;
    if (id === undefined) throw new Error(`the vocabulary has no id for "${token}" and none for unknown tokens`);
    return id;
  };
  return (pieces) => model([...pieces]).map(idOf);
}

function createModel(definition: TokenizerModelDefinition): BPE | WordPiece | Unigram {
  switch (definition.type) {
    case 'BPE':
      return new BPE(definition);
    case 'WordPiece':
      return new WordPiece(definition);
    case 'Unigram':
      return new Unigram(definition, '');
  }
}

/** What a post-processor puts around the ids of a caption. */
export interface Surroundings {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/**
 * @param idOf id of a token by its content
 * @throws ModelError `unsupported` for a template that has the caption never or twice, or a token that it does not define; `invalid` for ids that
 * contradict the vocabulary
 */
export function createSurroundings(
  step: PostProcessorStep | null | undefined,
  idOf: (content: string) => number | undefined,
  file: string,
): Surroundings {
  if (!step) return { before: [], after: [] };
  switch (step.type) {
    case 'ByteLevel':
      return { before: [], after: [] };
    case 'RobertaProcessing':
    case 'BertProcessing':
      for (const [content, id] of [step.cls, step.sep]) {
        if (idOf(content) === id) continue;
        throw new ModelError(
          'invalid',
          `${file} puts "${content}" around captions as ${id}, but its vocabulary knows that token as ${idOf(content) ?? 'none'}.`,
          { file },
        );
      }
      return { before: [step.cls[1]], after: [step.sep[1]] };
    case 'Sequence':
      return step.processors
        .map((inner) => createSurroundings(inner, idOf, file))
        .reduce<Surroundings>(
          (outer, { before, after }) => ({ before: [...before, ...outer.before], after: [...outer.after, ...after] }),
          { before: [], after: [] },
        );
    case 'TemplateProcessing': {
      const items = step.single.map((item) =>
        'Sequence' in item ? item.Sequence.id : tokensOf(item.SpecialToken.id, step),
      );
      const caption = items.indexOf('A');
      const [before, after] = [items.slice(0, Math.max(0, caption)), items.slice(caption + 1)];
      if (caption === -1 || ![...before, ...after].every((item) => Array.isArray(item))) {
        throw new ModelError(
          'unsupported',
          `${file} puts captions into a template (post_processor) that does not hold the caption once, between tokens that it defines.`,
          { file },
        );
      }
      return { before: numbers(before), after: numbers(after) };
    }
  }
}

type Template = Extract<PostProcessorStep, { type: 'TemplateProcessing' }>;

function tokensOf(name: string, { special_tokens: tokens }: Template): readonly number[] | null {
  return (Object.hasOwn(tokens, name) ? tokens[name]?.ids : undefined) ?? null;
}

function numbers(items: readonly (string | readonly number[] | null)[]): readonly number[] {
  return items.flatMap((item) => (item === null || typeof item === 'string' ? [] : item));
}

/**
 * The regular expression of a pattern.
 *
 * @throws ModelError `invalid` where it is none, `unsupported` where it may take for ever on some text
 */
function compile(pattern: TextPattern, file: string): RegExp {
  const shown = 'Regex' in pattern ? pattern.Regex : pattern.String;
  const short = shown.length > 120 ? `${shown.slice(0, 120)}…` : shown;
  let regex: RegExp | null;
  let quick: boolean;
  try {
    regex =
      'Regex' in pattern
        ? new ReplaceNormalizer({ type: 'Replace', pattern, content: '' }).pattern
        : new SplitPreTokenizer({ type: 'Split', pattern, behavior: 'Removed', invert: true }).pattern;
    quick = regex !== null && isQuick(regex);
  } catch (cause) {
    throw new ModelError('invalid', `${file} has a pattern that cannot be read: "${short}".`, { file, cause });
  }
  if (regex === null || !quick) {
    throw new ModelError(
      'unsupported',
      `${file} has the pattern "${short}", which can take practically for ever on an ordinary caption: its loops match the same text in many ways. Save the tokenizer with a pattern whose loops hold a single class of letters, as CLIP’s and GPT-2’s do.`,
      { file },
    );
  }
  return regex;
}
