import { z } from 'zod';
import { AddedTokenFinder, collectAddedTokens, type AddedToken } from './added-tokens';
import { ModelError } from './errors';
import {
  createNormalizer,
  createPreTokenizer,
  createSurroundings,
  createVocabulary,
  type PreTokenizer,
  type Surroundings,
  type Vocabulary,
} from './text-pipeline';
import { createWords } from './token-words';
import {
  addedTokenSchema,
  paddingSideSchema,
  parseDefinition,
  parseTokenizerFile,
  type AddedTokenFlags,
  type TokenizerDefinition,
  type TokenizerModelDefinition,
} from './tokenizer-definition';

/** A tokenized caption. */
export interface EncodedCaption {
  /** The caption between its special tokens, at most `maxTokens`; as many in a family that pads. */
  readonly ids: readonly number[];
  /** The caption was too long: its end was cut off, the end token kept. */
  readonly truncated: boolean;
}

/** Captions of equal length. */
export interface EncodedBatch {
  /** `[captions, tokens]`, padded behind the end token. */
  readonly ids: Int32Array<ArrayBuffer>;
  readonly tokens: number;
  /** How many captions were cut. */
  readonly truncated: number;
}

/** Turns captions into token ids as the tokenizer of Transformers does. */
export interface CaptionTokenizer {
  /** Most tokens of a caption, start and end included. */
  readonly maxTokens: number;
  readonly padId: number;
  readonly endId: number;
  /** The highest id that a caption can get, and the file that says so. */
  readonly highest: { readonly id: number; readonly file: string };
  encode(caption: string): EncodedCaption;
  /** @param tokens length of every row; default: that of the longest caption */
  encodeBatch(captions: readonly string[], tokens?: number): EncodedBatch;
  /**
   * Token ids back to text without special tokens, as `tokenizer.decode(ids, skip_special_tokens=True)` of Transformers; ids that the tokenizer does
   * not have are left out.
   *
   * @throws Error where the tokenizer is of another kind than WordPiece
   */
  decode(ids: Iterable<number>): string;
}

/** vocab.json as parsed JSON and the texts of merges.txt and vocab.txt; null or undefined where a model has none. */
export interface VocabularyFiles {
  readonly vocab?: unknown;
  readonly merges?: string | null | undefined;
  readonly words?: string | null | undefined;
}

/** The special tokens of a model by name. */
export interface SpecialNames {
  readonly start: string;
  readonly end: string;
  readonly unknown: string;
}

/** What tokenizer_config.json and special_tokens_map.json say of how captions are to be encoded; undefined where they say nothing. */
export interface TokenizerSettings {
  /** Class of Transformers. */
  readonly tokenizerClass: string | undefined;
  readonly doLowerCase: boolean | undefined;
  readonly stripAccents: boolean | undefined;
  readonly tokenizeChinese: boolean | undefined;
  readonly paddingSide: 'left' | 'right' | undefined;
}

/** What the tokenizers of a family have in common. */
export interface TokenizerKind {
  /** Names of the special tokens where a model's files give none: null for none at all, the first of several that the vocabulary has. */
  readonly special: {
    readonly start: string | null;
    readonly end: readonly string[];
    readonly unknown: string;
    readonly others?: readonly string[];
  };
  /** What the settings call those around a text. Default: `bos_token` and `eos_token`. */
  readonly around?: { readonly start: 'cls_token'; readonly end: 'sep_token' };
  /** The file that holds the vocabulary of a model without tokenizer.json. Default: vocab.json. */
  readonly vocabularyFile?: string;
  /** Whether every caption is padded to the longest that the model takes. */
  readonly padded: boolean;
  /**
   * What tokenizer.json would say of a model that has none.
   *
   * @throws ModelError `missing` or `invalid`
   */
  readonly fromVocabulary: (
    files: VocabularyFiles,
    special: SpecialNames,
    settings: TokenizerSettings,
  ) => TokenizerDefinition;
  /** What the family's tokenizers do besides what their tokenizer.json says. */
  readonly adapt?: (definition: TokenizerDefinition, settings: TokenizerSettings) => TokenizerDefinition;
}

/**
 * Tokenizer files as parsed JSON (text for merges.txt); null or undefined where a model has none. Either `tokenizer`, or `vocab` with
 * `merges`.
 */
export interface TokenizerFiles extends VocabularyFiles {
  /** tokenizer.json */
  readonly tokenizer?: unknown;
  /** tokenizer_config.json */
  readonly tokenizerConfig?: unknown;
  /** special_tokens_map.json */
  readonly specialTokens?: unknown;
  /** added_tokens.json */
  readonly addedTokens?: unknown;
}

/**
 * How much of a caption is looked at, in UTF-16 units: several times what fills the model even where every token is a long word, and little enough
 * that no pattern takes long.
 */
const charactersFor = (maxTokens: number): number => Math.min(16_384, Math.max(4_096, 32 * maxTokens));

/** A special token is a string, or an object around it. */
const token = z
  .union([z.string(), addedTokenSchema])
  .transform((value): AddedTokenFlags => (typeof value === 'string' ? { content: value } : value));
const tokenList = z.union([z.array(token), z.record(z.string(), token).transform((named) => Object.values(named))]);

const settingsSchema = z.object({
  bos_token: token.nullish(),
  eos_token: token.nullish(),
  cls_token: token.nullish(),
  sep_token: token.nullish(),
  unk_token: token.nullish(),
  pad_token: token.nullish(),
  additional_special_tokens: tokenList.nullish(),
  extra_special_tokens: tokenList.nullish(),
  tokenizer_class: z.string().nullish(),
  do_lower_case: z.boolean().nullish(),
  strip_accents: z.boolean().nullish(),
  tokenize_chinese_chars: z.boolean().nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
  padding_side: paddingSideSchema.nullish(),
  // Transformers writes 1e30 for "no limit".
  model_max_length: z.number().min(2).nullish(),
});

/**
 * Builds the tokenizer of a model and tries it.
 *
 * @param maxTokens positions that the text tower has; tokenizer_config.json may ask for fewer
 * @param kind of the model's family
 * @throws ModelError `missing`, `invalid` or `unsupported`, naming the file
 */
export function createTokenizer(files: TokenizerFiles, maxTokens: number, kind: TokenizerKind): CaptionTokenizer {
  const settings = {
    ...readSettings(files.specialTokens, 'special_tokens_map.json'),
    ...readSettings(files.tokenizerConfig, 'tokenizer_config.json'),
  };
  const usual = kind.special;
  const file = isAbsent(files.tokenizer) ? (kind.vocabularyFile ?? 'vocab.json') : 'tokenizer.json';
  const { start, end } = kind.around ?? ({ start: 'bos_token', end: 'eos_token' } as const);
  const written = isAbsent(files.tokenizer)
    ? kind.fromVocabulary(
        files,
        {
          start: settings[start]?.content ?? usual.start ?? '',
          end: settings[end]?.content ?? usual.end[0] ?? '',
          unknown: settings.unk_token?.content ?? usual.unknown,
        },
        encodingSettings(settings),
      )
    : parseDefinition(files.tokenizer);
  const definition = kind.adapt?.(written, encodingSettings(settings)) ?? written;
  const vocabulary = readVocabulary(definition.model, file);
  const added = collectAddedTokens(
    {
      tokenizer: definition.added_tokens,
      tokenizerConfig: files.tokenizerConfig,
      addedTokens: files.addedTokens,
      special: specialTokens(settings, usual, vocabulary),
    },
    vocabulary,
  );
  const addedIds = new Map(added.map(({ content, id }) => [content, id]));
  const idOf = (content: string): number | undefined => addedIds.get(content) ?? vocabulary.get(content);
  const ends = settings[end] === undefined ? usual.end : [settings[end]?.content ?? ''];
  const endId = ends.map(idOf).find((id) => id !== undefined);
  if (endId === undefined) {
    throw new ModelError('invalid', `${file} does not know the end token "${ends.join('" or "')}".`, { file });
  }
  const padId = isAbsent(settings.pad_token) ? undefined : idOf(settings.pad_token.content);
  const tokenizer = new EncoderTokenizer(
    createParts(definition, added, idOf, file),
    Math.min(maxTokens, settings.model_max_length ?? maxTokens),
    padId ?? endId,
    endId,
    kind.padded ? (definition.padding?.direction ?? 'right') : null,
    highestId(vocabulary, added, file),
    file,
    createWords(definition.model, vocabulary, added, settings.clean_up_tokenization_spaces === true),
  );
  for (const caption of [...probes, ...added.slice(0, 500).map(({ content }) => content)]) tokenizer.encode(caption);
  return tokenizer;
}

/** Captions with all that patterns and vocabularies tell apart; a tokenizer that breaks is to break before anything is trained. */
const probes = [
  '',
  'A photo of 2 cats, isn’t it?',
  String.fromCharCode(...Array.from({ length: 255 }, (_, code) => code + 1)),
  'ÄÖÜß Σίσυφος Привет हिन्दी 漢字かな カタカナ 한국어 ไทย العربية עברית',
  '🦊👩‍👩‍👧 ½ ² ™ … “quotes” \u200d\u00ad\ufeff\ud800 \u{1f1e9}\u{1f1ea} e\u0301 \u0130',
  `${'a'.repeat(300)} ${'1'.repeat(300)}${' '.repeat(300)}${'!?'.repeat(150)}${'\n'.repeat(50)}end`,
];

type Settings = z.output<typeof settingsSchema>;

function encodingSettings(settings: Settings): TokenizerSettings {
  return {
    tokenizerClass: settings.tokenizer_class ?? undefined,
    doLowerCase: settings.do_lower_case ?? undefined,
    stripAccents: settings.strip_accents ?? undefined,
    tokenizeChinese: settings.tokenize_chinese_chars ?? undefined,
    paddingSide: settings.padding_side ?? undefined,
  };
}

/** The usual names, and those for padding, count where the vocabulary has them; what the files name otherwise counts in any case. */
function specialTokens(
  settings: Settings,
  usual: TokenizerKind['special'],
  vocabulary: ReadonlyMap<string, number>,
): readonly AddedTokenFlags[] {
  const isKnown = ({ content }: AddedTokenFlags): boolean => vocabulary.has(content);
  return [
    ...[settings.bos_token, settings.eos_token, settings.cls_token, settings.sep_token, settings.unk_token].filter(
      (one) => !isAbsent(one),
    ),
    ...[usual.start, ...usual.end, ...(usual.others ?? [])]
      .flatMap((content) => (content === null ? [] : [{ content }]))
      .filter(isKnown),
    ...[settings.pad_token].filter((one) => !isAbsent(one)).filter(isKnown),
    ...(settings.additional_special_tokens ?? []),
    ...(settings.extra_special_tokens ?? []),
  ];
}

/**
 * The vocabulary by content, checked as the `tokenizers` library does.
 *
 * @throws ModelError `invalid` for merges or an unknown token that the vocabulary does not have
 */
function readVocabulary(model: TokenizerModelDefinition, file: string): ReadonlyMap<string, number> {
  const fail = (what: string, where = file): ModelError =>
    new ModelError('invalid', `${where} ${what}. Download it again.`, { file: where });
  if (model.type === 'Unigram') {
    if (!isAbsent(model.unk_id) && model.unk_id >= model.vocab.length) {
      throw fail(`has ${model.vocab.length} tokens and says that ${model.unk_id} stands for unknown ones`);
    }
    return new Map(model.vocab.map(([content], id) => [content, id]));
  }
  const vocabulary = new Map(Object.entries(model.vocab));
  if (!isAbsent(model.unk_token) && !vocabulary.has(model.unk_token)) {
    throw fail(`lets "${model.unk_token}" stand for unknown tokens, which its vocabulary does not have`);
  }
  if (model.type === 'BPE') {
    for (const [left, right] of model.merges) {
      const lacking = [left, right, left + right].find((content) => !vocabulary.has(content));
      if (lacking === undefined) continue;
      const where = file === 'vocab.json' ? 'merges.txt' : file;
      throw fail(`merges "${left}" with "${right}", but the vocabulary has no "${lacking}"`, where);
    }
  }
  return vocabulary;
}

function highestId(
  vocabulary: ReadonlyMap<string, number>,
  added: readonly AddedToken[],
  file: string,
): CaptionTokenizer['highest'] {
  let highest = { id: -1, file };
  for (const id of vocabulary.values()) if (id > highest.id) highest = { id, file };
  for (const token of added) if (token.id > highest.id) highest = { id: token.id, file: token.file };
  return highest;
}

/** What encodes, step by step. */
interface Parts {
  /** Added tokens that are found before, and those that are found after the text was normalised. */
  readonly plain: AddedTokenFinder;
  readonly normalized: AddedTokenFinder;
  readonly normalize: (text: string) => string;
  readonly split: PreTokenizer;
  readonly lookUp: Vocabulary;
  readonly around: Surroundings;
}

function createParts(
  definition: TokenizerDefinition,
  added: readonly AddedToken[],
  idOf: (content: string) => number | undefined,
  file: string,
): Parts {
  try {
    const normalize = createNormalizer(definition.normalizer, file);
    return {
      plain: new AddedTokenFinder(added.filter((one) => !one.normalized).map((one) => [one.content, one])),
      normalized: new AddedTokenFinder(
        added.filter((one) => one.normalized).map((one) => [normalize(one.content), one]),
      ),
      normalize,
      split: createPreTokenizer(definition.pre_tokenizer, file),
      lookUp: createVocabulary(definition.model),
      around: createSurroundings(definition.post_processor, idOf, file),
    };
  } catch (cause) {
    if (cause instanceof ModelError) throw cause;
    throw new ModelError('unsupported', `${file} describes a tokenizer that Vernier cannot build: ${reason(cause)}.`, {
      file,
      cause,
    });
  }
}

class EncoderTokenizer implements CaptionTokenizer {
  constructor(
    private readonly parts: Parts,
    readonly maxTokens: number,
    readonly padId: number,
    readonly endId: number,
    /** Null where captions are not padded. */
    private readonly padding: 'left' | 'right' | null,
    readonly highest: CaptionTokenizer['highest'],
    private readonly file: string,
    private readonly words: ((ids: Iterable<number>) => string) | null,
  ) {}

  decode(ids: Iterable<number>): string {
    if (this.words === null) throw new Error(`The tokens of ${this.file} are not turned back into text.`);
    return this.words(ids);
  }

  encode(caption: string): EncodedCaption {
    const { before, after } = this.parts.around;
    const body = this.idsOf(caption.slice(0, charactersFor(this.maxTokens)));
    const room = Math.max(0, this.maxTokens - before.length - after.length);
    const truncated = body.length > room;
    return { ids: this.padded([...before, ...(truncated ? body.slice(0, room) : body), ...after]), truncated };
  }

  private padded(ids: readonly number[]): readonly number[] {
    if (this.padding === null) return ids;
    const rest = new Array<number>(Math.max(0, this.maxTokens - ids.length)).fill(this.padId);
    return this.padding === 'right' ? [...ids, ...rest] : [...rest, ...ids];
  }

  /** @throws ModelError for text that the tokenizer has no id for */
  private idsOf(text: string): readonly number[] {
    const { plain, normalized, normalize, split, lookUp } = this.parts;
    try {
      const ids: number[] = [];
      for (const [section, stretch] of plain.split(text).entries()) {
        if ('id' in stretch) {
          ids.push(stretch.id);
          continue;
        }
        for (const piece of normalized.split(normalize(stretch.text))) {
          if ('id' in piece) ids.push(piece.id);
          else ids.push(...lookUp(split([piece.text], section)));
        }
      }
      return ids;
    } catch (cause) {
      throw new ModelError(
        'unsupported',
        `${this.file} describes a tokenizer that breaks at the text "${text.slice(0, 40)}": ${reason(cause)}.`,
        { file: this.file, cause },
      );
    }
  }

  encodeBatch(captions: readonly string[], tokens?: number): EncodedBatch {
    const encoded = captions.map((caption) => this.encode(caption));
    const length = tokens ?? Math.max(1, ...encoded.map(({ ids }) => ids.length));
    const ids = new Int32Array(captions.length * length).fill(this.padId);
    let truncated = 0;
    encoded.forEach((caption, row) => {
      const fits = caption.ids.length <= length;
      ids.set(fits ? caption.ids : [...caption.ids.slice(0, length - 1), this.endId], row * length);
      if (caption.truncated || !fits) truncated++;
    });
    return { ids, tokens: length, truncated };
  }
}

function readSettings(json: unknown, file: string): Settings {
  if (isAbsent(json)) return {};
  const parsed = parseTokenizerFile(settingsSchema, json, file);
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => !isAbsent(value)));
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown reason';
}
