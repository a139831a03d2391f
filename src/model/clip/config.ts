import { z } from 'zod';
import type { Activation } from '../../engine/ops/linear/node';
import { ModelError } from '../errors';

/** What both towers of a CLIP model have in common: a stack of pre-norm transformer blocks. */
export interface TowerConfig {
  /** Width of the residual stream. */
  readonly hiddenSize: number;
  /** Width of the hidden layer of the MLP. */
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly activation: Exclude<Activation, 'none'>;
  readonly layerNormEpsilon: number;
  /** Dropout of attention weights while training, as the checkpoint asks for it; 0 in every published CLIP. */
  readonly attentionDropout: number;
}

export interface VisionConfig extends TowerConfig {
  /** Side of the square input in pixels. */
  readonly imageSize: number;
  /** Side of a patch in pixels. */
  readonly patchSize: number;
}

export interface TextConfig extends TowerConfig {
  readonly vocabularySize: number;
  /** Most tokens of a caption, start and end included. */
  readonly maxPositions: number;
  /** Token whose first occurrence is pooled; 2 selects the older rule (`endOfTextIndex`). */
  readonly endOfTextId: number;
}

/** The parts of a Hugging Face CLIP `config.json` that decide the computation. */
export interface ClipConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  /** Width of the shared embedding space. */
  readonly projectionSize: number;
}

/** Far above any published CLIP, and few enough that listing the tensors of them all costs nothing. */
const mostLayers = 256;
const tooManyLayers = {
  error: ({ input }: { readonly input?: unknown }) => `is ${String(input)}; at most ${mostLayers} are supported`,
};

const positive = z.number().int().positive();
const activation = z.enum(['quick_gelu', 'gelu'], {
  error: (issue) => `is ${JSON.stringify(issue.input)}; "quick_gelu" and "gelu" are supported`,
});

/** Older Transformers wrote a side as a number, newer ones may write height and width. */
const side = z
  .union([positive, z.tuple([positive, positive])])
  .refine((value) => typeof value === 'number' || value[0] === value[1], 'must be square')
  .transform((value) => (typeof value === 'number' ? value : value[0]));

/** A missing or null key means the default of Transformers' own configuration classes. */
function optional<T extends z.ZodType>(schema: T, value: z.output<T>) {
  return schema.nullish().transform((given) => given ?? value);
}

function towerShape(hiddenSize: number, intermediateSize: number, heads: number) {
  return {
    hidden_size: optional(positive, hiddenSize),
    intermediate_size: optional(positive, intermediateSize),
    num_hidden_layers: optional(z.number().int().nonnegative().max(mostLayers, tooManyLayers), 12),
    num_attention_heads: optional(positive, heads),
    hidden_act: optional(activation, 'quick_gelu'),
    layer_norm_eps: optional(z.number().positive(), 1e-5),
    attention_dropout: optional(z.number().min(0).lt(1), 0),
  };
}

const headsDivideWidth = (tower: { hidden_size: number; num_attention_heads: number }): boolean =>
  tower.hidden_size % tower.num_attention_heads === 0;

const textSchema = z
  .object({
    ...towerShape(512, 2048, 8),
    vocab_size: optional(positive, 49408),
    max_position_embeddings: optional(positive, 77),
    eos_token_id: optional(z.union([z.number().int(), z.array(z.number().int()).length(1)]), 49407),
  })
  .refine(headsDivideWidth, 'hidden_size must be a multiple of num_attention_heads');

const visionSchema = z
  .object({
    ...towerShape(768, 3072, 12),
    num_channels: optional(z.literal(3, { error: 'must be 3 (red, green, blue)' }), 3),
    image_size: optional(side, 224),
    patch_size: optional(side, 32),
  })
  .refine(headsDivideWidth, 'hidden_size must be a multiple of num_attention_heads')
  .refine((vision) => vision.image_size >= vision.patch_size, 'patch_size must not exceed image_size');

const record = z.record(z.string(), z.unknown());

const fileSchema = z.object({
  model_type: z.string().optional(),
  architectures: z.array(z.string()).nullish(),
  text_config: record.nullish(),
  vision_config: record.nullish(),
  text_config_dict: record.nullish(),
  vision_config_dict: record.nullish(),
  projection_dim: optional(positive, 512),
});

/**
 * Reads a parsed Hugging Face `config.json` of `model_type` "clip": current and older forms, with the defaults of Transformers'
 * `CLIPConfig` for missing keys. As there, `text_config_dict` and `vision_config_dict` (written until 2022) win over their
 * successors as a whole.
 *
 * @param file name for messages
 * @throws ModelError `unsupported` for another kind of model, `invalid` for values that do not fit
 */
export function parseClipConfig(json: unknown, file = 'config.json'): ClipConfig {
  const top = check(fileSchema, json, file, []);
  const type = top.model_type ?? (top.text_config && top.vision_config ? 'clip' : 'unknown');
  if (type !== 'clip') throw unsupportedType(type, file);
  const part = partOf(top.architectures ?? []);
  if (part !== null) throw new ModelError('unsupported', `${file} describes ${part}. ${clipAdvice}`, { file });
  const text = check(textSchema, top.text_config_dict ?? top.text_config ?? {}, file, ['text_config']);
  const vision = check(visionSchema, top.vision_config_dict ?? top.vision_config ?? {}, file, ['vision_config']);
  const { eos_token_id: endOfText } = text;
  return {
    projectionSize: top.projection_dim,
    vision: { ...tower(vision), imageSize: vision.image_size, patchSize: vision.patch_size },
    text: {
      ...tower(text),
      vocabularySize: text.vocab_size,
      maxPositions: text.max_position_embeddings,
      endOfTextId: typeof endOfText === 'number' ? endOfText : (endOfText[0] ?? 49407),
    },
  };
}

function tower(parsed: z.output<typeof textSchema> | z.output<typeof visionSchema>): TowerConfig {
  return {
    hiddenSize: parsed.hidden_size,
    intermediateSize: parsed.intermediate_size,
    layers: parsed.num_hidden_layers,
    heads: parsed.num_attention_heads,
    activation: parsed.hidden_act,
    layerNormEpsilon: parsed.layer_norm_eps,
    attentionDropout: parsed.attention_dropout,
  };
}

const clipAdvice =
  'Vernier reads complete CLIP models ("model_type": "clip", architecture CLIPModel) and trains their two towers together: open one of those.';

/** Classes of Transformers that are saved with the configuration of a part of CLIP, or of the whole, and hold a part. */
const parts: Readonly<Record<string, string>> = {
  CLIPForImageClassification:
    'an image classifier (CLIPForImageClassification): the image tower of a CLIP with a classifier, without a text tower',
  CLIPTextModel: 'the text tower of a CLIP alone (CLIPTextModel)',
  CLIPTextModelWithProjection: 'the text tower of a CLIP alone (CLIPTextModelWithProjection)',
  CLIPVisionModel: 'the image tower of a CLIP alone (CLIPVisionModel)',
  CLIPVisionModelWithProjection: 'the image tower of a CLIP alone (CLIPVisionModelWithProjection)',
};

/** What the architectures say the weights are, where that is a part of a CLIP; null where they may be all of it. */
function partOf(architectures: readonly string[]): string | null {
  const [architecture] = architectures;
  if (architecture === undefined || architectures.includes('CLIPModel')) return null;
  return Object.hasOwn(parts, architecture) ? (parts[architecture] ?? null) : null;
}

/** What people take for a CLIP, by `model_type`, and why it is none. */
const kinds: Readonly<Record<string, string>> = {
  siglip: 'SigLIP, with another loss, pooling and tokenizer than CLIP',
  siglip2: 'SigLIP 2, with another loss, pooling and tokenizer than CLIP',
  chinese_clip: 'Chinese-CLIP, with the text tower of BERT',
  altclip: 'AltCLIP, with the text tower of XLM-R',
  clipseg: 'CLIPSeg, which cuts out parts of pictures',
  blip: 'BLIP, which writes captions',
  'blip-2': 'BLIP-2, which writes captions',
};

function unsupportedType(type: string, file: string): ModelError {
  const half = type === 'clip_text_model' || type === 'clip_vision_model';
  const known = Object.hasOwn(kinds, type) ? ` (${kinds[type]})` : '';
  const what = half
    ? `one tower of a CLIP model ("${type}") without the other`
    : `a model of type "${type.slice(0, 60)}"${known}`;
  return new ModelError('unsupported', `${file} describes ${what}. ${clipAdvice}`, { file });
}

function check<T extends z.ZodType>(schema: T, json: unknown, file: string, at: readonly string[]): z.output<T> {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const place = [...at, ...(issue?.path ?? [])].join('.');
  const where = place === '' ? '' : ` at "${place}"`;
  const message = issue?.message ?? 'it cannot be read';
  throw new ModelError('invalid', `${file} is not a CLIP configuration${where}: ${message}.`, { file });
}
