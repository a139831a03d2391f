import { z } from 'zod';
import { ModelError } from '../../errors';
import {
  checkConfig,
  headsDivideWidth,
  optional,
  patchesFit,
  pictureShape,
  positive,
  towerConfig,
  towerShape,
  type TowerConfig,
  type VisionConfig,
} from '../transformer/config';

/**
 * The configuration of CLIP models. What has been read is complete and fits: heads divide widths, patches divide pictures, and keys that are
 * missing have the defaults of Transformers.
 */

export interface TextConfig extends TowerConfig {
  readonly vocabularySize: number;
  /** Most tokens of a caption, start and end included. */
  readonly maxPositions: number;
  /** Token whose first occurrence is pooled; 2 selects the older rule (`endOfTextIndices`). */
  readonly endOfTextId: number;
}

/** The parts of a Hugging Face CLIP `config.json` that decide the computation. */
export interface ClipConfig {
  readonly vision: VisionConfig;
  readonly text: TextConfig;
  /** Width of the shared embedding space. */
  readonly projectionSize: number;
}

const common = { activation: 'quick_gelu', layerNormEpsilon: 1e-5 } as const;

const textSchema = z
  .object({
    ...towerShape({ ...common, hiddenSize: 512, intermediateSize: 2048, heads: 8 }),
    vocab_size: optional(positive, 49408),
    max_position_embeddings: optional(positive, 77),
    eos_token_id: optional(z.union([z.number().int(), z.array(z.number().int()).length(1)]), 49407),
  })
  .refine(...headsDivideWidth);

const visionSchema = z
  .object({
    ...towerShape({ ...common, hiddenSize: 768, intermediateSize: 3072, heads: 12 }),
    ...pictureShape(32),
  })
  .refine(...headsDivideWidth)
  .refine(...patchesFit);

const record = z.record(z.string(), z.unknown());

const fileSchema = z.object({
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
 * @throws ModelError `unsupported` for a part of a model, `invalid` for values that do not fit
 */
export function parseClipConfig(json: unknown, file = 'config.json'): ClipConfig {
  const place = { kind: 'CLIP', file };
  const top = checkConfig(fileSchema, json, place);
  const part = partOf(top.architectures ?? []);
  if (part !== null) throw new ModelError('unsupported', `${file} describes ${part}. ${clipAdvice}`, { file });
  const text = checkConfig(textSchema, top.text_config_dict ?? top.text_config ?? {}, {
    ...place,
    at: ['text_config'],
  });
  const vision = checkConfig(visionSchema, top.vision_config_dict ?? top.vision_config ?? {}, {
    ...place,
    at: ['vision_config'],
  });
  const { eos_token_id: endOfText } = text;
  return {
    projectionSize: top.projection_dim,
    vision: { ...towerConfig(vision), imageSize: vision.image_size, patchSize: vision.patch_size },
    text: {
      ...towerConfig(text),
      vocabularySize: text.vocab_size,
      maxPositions: text.max_position_embeddings,
      endOfTextId: typeof endOfText === 'number' ? endOfText : (endOfText[0] ?? 49407),
    },
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
