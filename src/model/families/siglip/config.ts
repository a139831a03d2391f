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
 * The configuration of SigLIP models. What has been read is complete and fits: heads divide widths, patches divide pictures, both towers end in
 * the same width, and keys that are missing have the defaults of Transformers.
 */

export interface SiglipTextConfig extends TowerConfig {
  readonly vocabularySize: number;
  /** Tokens that every caption is padded to. */
  readonly maxPositions: number;
}

/** The parts of a Hugging Face SigLIP `config.json` that decide the computation. */
export interface SiglipConfig {
  /** Its width is that of the shared space too. */
  readonly vision: VisionConfig;
  readonly text: SiglipTextConfig;
}

const common = {
  hiddenSize: 768,
  intermediateSize: 3072,
  heads: 12,
  activation: 'gelu_pytorch_tanh',
  layerNormEpsilon: 1e-6,
} as const;

const textSchema = z
  .object({
    ...towerShape(common),
    vocab_size: optional(positive, 32000),
    max_position_embeddings: optional(positive, 64),
    projection_size: positive.nullish(),
  })
  .refine(...headsDivideWidth);

const visionSchema = z
  .object({
    ...towerShape(common),
    ...pictureShape(16),
    vision_use_head: z
      .literal(true, {
        error: 'must be true: without its head the image tower has no features to compare captions with',
      })
      .nullish(),
  })
  .refine(...headsDivideWidth)
  .refine(...patchesFit);

const record = z.record(z.string(), z.unknown());

const fileSchema = z.object({
  architectures: z.array(z.string()).nullish(),
  text_config: record.nullish(),
  vision_config: record.nullish(),
});

/**
 * Reads a parsed Hugging Face `config.json` of `model_type` "siglip": SigLIP, and SigLIP 2 for pictures of a fixed size, with the defaults of
 * Transformers' `SiglipConfig` for missing keys.
 *
 * @param file name for messages
 * @throws ModelError `unsupported` for a part of a model, `invalid` for values that do not fit
 */
export function parseSiglipConfig(json: unknown, file = 'config.json'): SiglipConfig {
  const place = { kind: 'SigLIP', file };
  const top = checkConfig(fileSchema, json, place);
  const part = partOf(top.architectures ?? []);
  if (part !== null) throw new ModelError('unsupported', `${file} describes ${part}. ${advice}`, { file });
  const text = checkConfig(textSchema, top.text_config ?? {}, { ...place, at: ['text_config'] });
  const vision = checkConfig(visionSchema, top.vision_config ?? {}, { ...place, at: ['vision_config'] });
  const features = text.projection_size ?? text.hidden_size;
  if (features !== vision.hidden_size) {
    throw new ModelError(
      'invalid',
      `${file} is not a SigLIP configuration at "text_config.projection_size": captions have ${features} features and pictures ${vision.hidden_size} (vision_config.hidden_size), so they cannot be compared.`,
      { file },
    );
  }
  return {
    vision: { ...towerConfig(vision), imageSize: vision.image_size, patchSize: vision.patch_size },
    text: { ...towerConfig(text), vocabularySize: text.vocab_size, maxPositions: text.max_position_embeddings },
  };
}

const advice =
  'Vernier reads complete SigLIP models ("model_type": "siglip", architecture SiglipModel) and trains their two towers together: open one of those.';

/** Classes of Transformers that are saved with the configuration of a part of SigLIP, or of the whole, and hold a part. */
const parts: Readonly<Record<string, string>> = {
  SiglipForImageClassification:
    'an image classifier (SiglipForImageClassification): the image tower of a SigLIP with a classifier, without a text tower',
  SiglipTextModel: 'the text tower of a SigLIP alone (SiglipTextModel)',
  SiglipVisionModel: 'the image tower of a SigLIP alone (SiglipVisionModel)',
};

function partOf(architectures: readonly string[]): string | null {
  const [architecture] = architectures;
  if (architecture === undefined || architectures.includes('SiglipModel')) return null;
  return Object.hasOwn(parts, architecture) ? (parts[architecture] ?? null) : null;
}
