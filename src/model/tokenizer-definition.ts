import { z } from 'zod';
import { ModelError } from './errors';

/**
 * The format of `tokenizer.json` as the `tokenizers` library reads it (huggingface/tokenizers, `tokenizers/src`, the serde forms): what Vernier
 * needs to encode. Decoders and truncation are left alone, and of padding all but its side.
 */

/** Far beyond any published tokenizer. */
const mostSteps = 64;
const longestPattern = 4_096;
const longestPiece = 1_000;

const piece = z.string().max(longestPiece);
const pattern = z.union([z.object({ String: piece }), z.object({ Regex: z.string().max(longestPattern) })]);
const steps = <T extends z.ZodType>(step: T) => z.array(step).max(mostSteps);

const unknownType = {
  error: ({ input }: { readonly input?: unknown }) => {
    const type = typeof input === 'object' && input !== null && 'type' in input ? input.type : undefined;
    return `is of the type ${JSON.stringify(type)?.slice(0, 60) ?? 'none'}, which Vernier does not know`;
  },
};

const normalizer = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('BertNormalizer'),
      clean_text: z.boolean(),
      handle_chinese_chars: z.boolean(),
      strip_accents: z.boolean().nullable().exactOptional(),
      lowercase: z.boolean(),
    }),
    z.object({
      type: z.literal('Precompiled'),
      precompiled_charsmap: z.string(),
      /** Not of the format: the map is to be applied as SentencePiece does, and not as the library. */
      greedy: z.boolean().exactOptional(),
    }),
    z.object({
      type: z.literal('Sequence'),
      get normalizers() {
        return steps(normalizer);
      },
    }),
    z.object({ type: z.literal('Replace'), pattern, content: piece }),
    z.object({ type: z.literal(['NFC', 'NFD', 'NFKC', 'NFKD', 'StripAccents', 'Lowercase']) }),
    z.object({ type: z.literal('Strip'), strip_left: z.boolean(), strip_right: z.boolean() }),
    z.object({ type: z.literal('Prepend'), prepend: piece }),
  ],
  unknownType,
);

const behavior = z.enum(['Removed', 'Isolated', 'MergedWithPrevious', 'MergedWithNext', 'Contiguous']);

const preTokenizer = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('Sequence'),
      get pretokenizers() {
        return steps(preTokenizer);
      },
    }),
    z.object({ type: z.literal('Split'), pattern, behavior, invert: z.boolean().default(false) }),
    z.object({ type: z.literal('CharDelimiterSplit'), delimiter: piece }),
    z.object({
      type: z.literal('ByteLevel'),
      add_prefix_space: z.boolean().exactOptional(),
      use_regex: z.boolean().exactOptional(),
    }),
    z.object({
      type: z.literal('Metaspace'),
      replacement: piece,
      prepend_scheme: z.enum(['always', 'never', 'first']).exactOptional(),
    }),
    z.object({ type: z.literal('Digits'), individual_digits: z.boolean().exactOptional() }),
    z.object({ type: z.literal('FixedLength'), length: z.int().positive() }),
    z.object({ type: z.literal(['BertPreTokenizer', 'Whitespace', 'WhitespaceSplit', 'Punctuation']) }),
  ],
  unknownType,
);

const id = z.int().nonnegative();
const tokenAndId = z.tuple([z.string(), id]);

const postProcessor = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('Sequence'),
      get processors() {
        return steps(postProcessor);
      },
    }),
    z.object({ type: z.literal('ByteLevel') }),
    z.object({ type: z.literal(['RobertaProcessing', 'BertProcessing']), sep: tokenAndId, cls: tokenAndId }),
    z.object({
      type: z.literal('TemplateProcessing'),
      single: steps(
        z.union([
          z.object({ SpecialToken: z.object({ id: z.string() }) }),
          z.object({ Sequence: z.object({ id: z.enum(['A', 'B']) }) }),
        ]),
      ),
      special_tokens: z.record(z.string(), z.object({ ids: z.array(id).max(mostSteps) })),
    }),
  ],
  unknownType,
);

/**
 * Ids by content. Vocabularies and merges have hundreds of thousands of entries, which are gone through by hand: a schema for each of them takes
 * seconds.
 */
export const vocabularySchema = z
  .custom<Record<string, number>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'expected an object of ids',
  )
  .superRefine((vocab, context) => {
    for (const [content, number] of Object.entries(vocab)) {
      if (Number.isSafeInteger(number) && number >= 0) continue;
      context.addIssue({ code: 'custom', path: [content], message: 'expected an id, a whole number from 0' });
      return;
    }
  });

const mergesSchema = z
  .custom<readonly unknown[]>((value) => Array.isArray(value), 'expected a list of merges')
  .transform((merges, context): [string, string][] => {
    const pairs: [string, string][] = [];
    for (const [at, merge] of merges.entries()) {
      // Files from before 2024 write a pair as one string.
      const parts: readonly unknown[] =
        typeof merge === 'string' ? merge.split(' ') : Array.isArray(merge) ? merge : [];
      const [left, right] = parts;
      if (parts.length !== 2 || typeof left !== 'string' || typeof right !== 'string') {
        context.addIssue({ code: 'custom', path: [at], message: 'is no pair of tokens' });
        return z.NEVER;
      }
      pairs.push([left, right]);
    }
    return pairs;
  });

const unigramSchema = z
  .custom<[string, number][]>((value) => Array.isArray(value) && value.length > 0, 'expected a list of tokens')
  .superRefine((vocab, context) => {
    for (const [at, entry] of (vocab as readonly unknown[]).entries()) {
      const parts: readonly unknown[] = Array.isArray(entry) ? entry : [];
      if (parts.length === 2 && typeof parts[0] === 'string' && typeof parts[1] === 'number') continue;
      context.addIssue({ code: 'custom', path: [at], message: 'expected a token with its score' });
      return;
    }
  });

const model = z.discriminatedUnion(
  'type',
  [
    z.object({
      type: z.literal('BPE'),
      vocab: vocabularySchema,
      merges: mergesSchema,
      unk_token: z.string().nullable().exactOptional(),
      continuing_subword_prefix: z.literal('', 'prefixes inside of words are not supported').nullish(),
      end_of_word_suffix: piece.nullable().exactOptional(),
      dropout: z.literal(0, 'a tokenizer with dropout gives other tokens at every try').nullable().exactOptional(),
      fuse_unk: z.boolean().exactOptional(),
      byte_fallback: z.boolean().exactOptional(),
      ignore_merges: z.boolean().default(false),
    }),
    z.object({
      type: z.literal('WordPiece'),
      vocab: vocabularySchema,
      unk_token: z.string(),
      continuing_subword_prefix: piece,
      max_input_chars_per_word: z.int().positive().max(longestPiece),
    }),
    z.object({
      type: z.literal('Unigram'),
      vocab: unigramSchema,
      unk_id: id.nullable().exactOptional(),
    }),
  ],
  unknownType,
);

/** Where padding goes. The library writes it with a capital letter, Transformers without. */
export const paddingSideSchema = z
  .enum(['left', 'right', 'Left', 'Right'])
  .transform((name): 'left' | 'right' => (/^l/i.test(name) ? 'left' : 'right'));

export const addedTokenSchema = z.object({
  content: piece,
  single_word: z.boolean().optional(),
  lstrip: z.boolean().optional(),
  rstrip: z.boolean().optional(),
  normalized: z.boolean().optional(),
  special: z.boolean().optional(),
});

/** Files from before the library wrote the type of the model show it by what they hold. */
const modelWithType = z.preprocess((value) => {
  if (typeof value !== 'object' || value === null || 'type' in value) return value;
  const type = 'merges' in value ? 'BPE' : 'vocab' in value && Array.isArray(value.vocab) ? 'Unigram' : 'WordPiece';
  return { ...value, type };
}, model);

const definitionSchema = z.object({
  normalizer: normalizer.nullish(),
  pre_tokenizer: preTokenizer.nullish(),
  post_processor: postProcessor.nullish(),
  model: modelWithType,
  added_tokens: z.array(addedTokenSchema.extend({ id })).nullish(),
  padding: z.object({ direction: paddingSideSchema }).nullish(),
});

export type TokenizerDefinition = z.output<typeof definitionSchema>;
export type NormalizerStep = z.output<typeof normalizer>;
export type PreTokenizerStep = z.output<typeof preTokenizer>;
export type PostProcessorStep = z.output<typeof postProcessor>;
export type TokenizerModelDefinition = z.output<typeof model>;
export type TextPattern = z.output<typeof pattern>;
export type AddedTokenFlags = z.output<typeof addedTokenSchema>;

/** @throws ModelError `invalid` where a step lacks something or is of an unknown type */
export function parseDefinition(json: unknown, file = 'tokenizer.json'): TokenizerDefinition {
  return parseTokenizerFile(definitionSchema, json, file);
}

/** @throws ModelError `invalid` with the place and the reason */
export function parseTokenizerFile<T extends z.ZodType>(schema: T, json: unknown, file: string): z.output<T> {
  let result: z.ZodSafeParseResult<z.output<T>>;
  try {
    result = schema.safeParse(json);
  } catch (cause) {
    // Steps nested thousands deep overflow the stack.
    throw new ModelError('invalid', `${file} is no tokenizer file: its parts are nested too deep.`, { file, cause });
  }
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const at = issue?.path.map((key) => String(key).slice(0, 80)).join('.') ?? '';
  const where = at === '' ? '' : ` at "${at}"`;
  throw new ModelError(
    'invalid',
    `${file} is no tokenizer file${where}: ${issue?.message ?? 'unreadable'}. Download it again, or save the tokenizer again with Transformers.`,
    { file },
  );
}
