import { Tokenizer } from '@huggingface/tokenizers';
import { z } from 'zod';
import { ModelError } from './errors';

/** A tokenized caption. */
export interface EncodedCaption {
  /** Start token, caption, end token; no padding. At most `maxTokens`. */
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

/** Turns captions into token ids as Transformers' `CLIPTokenizer` does. */
export interface ClipTokenizer {
  /** Most tokens of a caption, start and end included. */
  readonly maxTokens: number;
  readonly padId: number;
  encode(caption: string): EncodedCaption;
  /** @param tokens length of every row; default: that of the longest caption */
  encodeBatch(captions: readonly string[], tokens?: number): EncodedBatch;
}

/**
 * Tokenizer files as parsed JSON (text for merges.txt); null or undefined where a model has none. Either `tokenizer`, or `vocab` with
 * `merges`.
 */
export interface TokenizerFiles {
  /** tokenizer.json */
  readonly tokenizer?: unknown;
  /** vocab.json */
  readonly vocab?: unknown;
  /** merges.txt */
  readonly merges?: string | null | undefined;
  /** tokenizer_config.json */
  readonly tokenizerConfig?: unknown;
  /** special_tokens_map.json */
  readonly specialTokens?: unknown;
}

/** Longest caption that is looked at, in UTF-16 units; no model reads that far. */
const MAX_CHARACTERS = 16_384;

const START = '<|startoftext|>';
const END = '<|endoftext|>';

/** A special token is a string, or an object around it. */
const token = z
  .union([z.string(), z.looseObject({ content: z.string() })])
  .transform((value) => (typeof value === 'string' ? value : value.content));

const settingsSchema = z.object({
  bos_token: token.nullish(),
  eos_token: token.nullish(),
  unk_token: token.nullish(),
  pad_token: token.nullish(),
  // Transformers writes 1e30 for "no limit".
  model_max_length: z.number().positive().nullish(),
});

const vocabularySchema = z.record(z.string(), z.number().int().nonnegative());

const tokenizerSchema = z.looseObject({
  model: z.looseObject({ type: z.string().optional(), vocab: z.unknown() }),
  added_tokens: z.array(z.looseObject({ id: z.number(), content: z.string() })).nullish(),
});

/**
 * Builds the tokenizer of a model.
 *
 * @param maxTokens positions that the text tower has; tokenizer_config.json may ask for fewer
 * @throws ModelError `missing` or `invalid`, naming the file
 */
export function createTokenizer(files: TokenizerFiles, maxTokens: number): ClipTokenizer {
  const settings = {
    ...readSettings(files.specialTokens, 'special_tokens_map.json'),
    ...readSettings(files.tokenizerConfig, 'tokenizer_config.json'),
  };
  const start = settings.bos_token ?? START;
  const end = settings.eos_token ?? END;
  const file = isAbsent(files.tokenizer) ? 'vocab.json' : 'tokenizer.json';
  const definition = isAbsent(files.tokenizer)
    ? clipDefinition(files, start, end, settings.unk_token ?? END)
    : parse(tokenizerSchema, files.tokenizer, 'tokenizer.json');
  let encoder: Tokenizer;
  try {
    encoder = new Tokenizer(definition, isRecord(files.tokenizerConfig) ? files.tokenizerConfig : {});
  } catch (cause) {
    throw new ModelError('unsupported', `${file} describes a tokenizer that Vernier cannot build: ${reason(cause)}.`, {
      file,
      cause,
    });
  }
  const endId = encoder.token_to_id(end);
  if (endId === undefined) {
    throw new ModelError('invalid', `${file} does not know the end token "${end}".`, { file });
  }
  const padId = (isAbsent(settings.pad_token) ? undefined : encoder.token_to_id(settings.pad_token)) ?? endId;
  return new EncoderTokenizer(
    encoder,
    Math.min(maxTokens, settings.model_max_length ?? maxTokens),
    padId,
    endId,
    new Set([start, end]),
  );
}

class EncoderTokenizer implements ClipTokenizer {
  constructor(
    private readonly encoder: Tokenizer,
    readonly maxTokens: number,
    readonly padId: number,
    private readonly endId: number,
    private readonly special: ReadonlySet<string>,
  ) {}

  encode(caption: string): EncodedCaption {
    const { ids } = this.encoder.encode(this.prepare(caption.slice(0, MAX_CHARACTERS)));
    if (ids.length <= this.maxTokens) return { ids, truncated: false };
    return { ids: [...ids.slice(0, this.maxTokens - 1), this.endId], truncated: true };
  }

  /** Irons out where the library departs from Transformers. */
  private prepare(caption: string): string {
    // Transformers lowers letter by letter; JavaScript looks at words and lowers a sigma at the end of one to a letter of its own.
    const text = caption.replaceAll('\u03a3', '\u03c3');
    // The library takes a caption that becomes a special token by lowering for the token itself; a space at its end prevents that.
    return this.special.has(text.toLowerCase()) && !this.special.has(text) ? `${text} ` : text;
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

/** tokenizer.json as Transformers' `CLIPTokenizer` sets it up from vocab.json and merges.txt. */
function clipDefinition(files: TokenizerFiles, start: string, end: string, unknown: string) {
  if (isAbsent(files.vocab) || isAbsent(files.merges)) {
    throw new ModelError(
      'missing',
      'The model has neither tokenizer.json nor vocab.json with merges.txt. Add one of them.',
      {
        file: 'tokenizer.json',
      },
    );
  }
  const vocab = parse(vocabularySchema, files.vocab, 'vocab.json');
  const merges = files.merges
    .split('\n')
    .map((line) => line.replace(/\r$/, ''))
    .filter((line) => line !== '' && !line.startsWith('#version'));
  const damaged = merges.find((line) => line.split(' ').length !== 2);
  if (damaged !== undefined) {
    throw new ModelError('invalid', `merges.txt is damaged: the line "${damaged.slice(0, 40)}" is no pair of tokens.`, {
      file: 'merges.txt',
    });
  }
  const special = [start, end].map((content) => {
    const id = vocab[content];
    if (id === undefined) {
      throw new ModelError('invalid', `vocab.json does not know the token "${content}".`, { file: 'vocab.json' });
    }
    return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
  });
  const [startToken, endToken] = special;
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special,
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
        { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
      ],
    },
    post_processor: {
      type: 'RobertaProcessing',
      sep: [end, endToken?.id],
      cls: [start, startToken?.id],
      trim_offsets: false,
      add_prefix_space: false,
    },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: unknown,
      continuing_subword_prefix: '',
      end_of_word_suffix: '</w>',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: false,
      vocab,
      merges,
    },
  };
}

function readSettings(json: unknown, file: string): z.output<typeof settingsSchema> {
  if (isAbsent(json)) return {};
  const parsed = parse(settingsSchema, json, file);
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => !isAbsent(value)));
}

function parse<T extends z.ZodType>(schema: T, json: unknown, file: string): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at "${issue.path.join('.')}"`;
  throw new ModelError('invalid', `${file} is no tokenizer file${where}: ${issue?.message ?? 'unreadable'}.`, { file });
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function reason(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'unknown reason';
}
