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
 * The configuration of BLIP models that write words. What has been read is complete and fits: heads divide widths, patches divide pictures, the
 * special tokens are in the table, and keys that are missing have the defaults of Transformers.
 */

export interface BlipTextConfig extends TowerConfig {
  readonly vocabularySize: number;
  /** Most tokens of a text, special ones included. */
  readonly maxPositions: number;
  /** [DEC], which comes before the first word that is written; [ENC], before a question, is the token behind it. */
  readonly beginId: number;
  /** [SEP]. */
  readonly endId: number;
  readonly padId: number;
}

/** The parts of a Hugging Face BLIP `config.json` that decide the computation. */
export interface BlipConfig {
  /** Whether there is an encoder of questions. */
  readonly answers: boolean;
  readonly vision: VisionConfig;
  readonly text: BlipTextConfig;
  /** What the file leaves to be assumed, in sentences for the user. */
  readonly notes: readonly string[];
}

export const captionClass = 'BlipForConditionalGeneration';
export const answerClass = 'BlipForQuestionAnswering';

const id = z.number().int().nonnegative();

/** Of the text model when the file does not say it. Salesforce's checkpoints have 12, which their files give. */
const defaultHeads = 8;

const textSchema = z
  .object({
    ...towerShape({
      hiddenSize: 768,
      intermediateSize: 3072,
      heads: defaultHeads,
      activation: 'gelu',
      layerNormEpsilon: 1e-12,
    }),
    vocab_size: optional(positive, 30524),
    max_position_embeddings: optional(positive, 512),
    attention_probs_dropout_prob: optional(z.number().min(0).lt(1), 0),
    hidden_dropout_prob: optional(z.number().min(0).lt(1), 0),
    bos_token_id: optional(id, 30522),
    sep_token_id: optional(id, 102),
    pad_token_id: optional(id, 0),
    is_decoder: z
      .literal(true, { error: 'must be true: without attention to pictures the text model has nothing to write about' })
      .nullish(),
    tie_word_embeddings: z
      .literal(true, { error: 'must be true: a table of its own for the output is not supported' })
      .nullish(),
  })
  .refine(...headsDivideWidth)
  .refine(
    ({ vocab_size: rows, bos_token_id: begin, sep_token_id: end, pad_token_id: pad }) =>
      Math.max(begin, end, pad) < rows,
    'bos_token_id, sep_token_id and pad_token_id must be below vocab_size',
  );

const visionSchema = z
  .object({
    ...towerShape({
      hiddenSize: 768,
      intermediateSize: 3072,
      heads: 12,
      activation: 'gelu',
      layerNormEpsilon: 1e-5,
    }),
    ...pictureShape(16, 384),
  })
  .refine(...headsDivideWidth)
  .refine(...patchesFit);

const record = z.record(z.string(), z.unknown());

const fileSchema = z.object({
  architectures: z.array(z.string()).nullish(),
  text_config: record.nullish(),
  vision_config: record.nullish(),
  tie_word_embeddings: z
    .literal(true, { error: 'must be true: a table of its own for the output is not supported' })
    .nullish(),
});

/**
 * Reads a parsed Hugging Face `config.json` of `model_type` "blip", with the defaults of Transformers' `BlipConfig` for missing keys.
 *
 * @param file name for messages
 * @throws ModelError `unsupported` for a part of a model or one that writes nothing, `invalid` for values that do not fit
 */
export function parseBlipConfig(json: unknown, file = 'config.json'): BlipConfig {
  const place = { kind: 'BLIP', file };
  const top = checkConfig(fileSchema, json, place);
  const [named] = top.architectures ?? [];
  if (named !== undefined && Object.hasOwn(others, named)) {
    throw new ModelError('unsupported', `${file} describes ${others[named]}. ${advice}`, { file });
  }
  const answers = named === answerClass;
  const text = checkConfig(textSchema, top.text_config ?? {}, { ...place, at: ['text_config'] });
  const vision = checkConfig(visionSchema, top.vision_config ?? {}, { ...place, at: ['vision_config'] });
  if (answers && text.hidden_size !== vision.hidden_size) {
    throw new ModelError(
      'invalid',
      `${file} is not a BLIP configuration at "text_config.hidden_size": the decoder attends to questions of width ${text.hidden_size} with weights for width ${vision.hidden_size} (vision_config.hidden_size). In ${answerClass} both are equal.`,
      { file },
    );
  }
  return {
    answers,
    vision: { ...towerConfig(vision), imageSize: vision.image_size, patchSize: vision.patch_size },
    text: {
      ...towerConfig({ ...text, attention_dropout: text.attention_probs_dropout_prob }),
      vocabularySize: text.vocab_size,
      maxPositions: text.max_position_embeddings,
      beginId: text.bos_token_id,
      endId: text.sep_token_id,
      padId: text.pad_token_id,
    },
    notes: notesOn(top.text_config ?? {}, text.hidden_dropout_prob, file),
  };
}

function notesOn(given: Readonly<Record<string, unknown>>, hiddenDropout: number, file: string): readonly string[] {
  return [
    ...((given['num_attention_heads'] ?? null) === null
      ? [
          `${file} does not say how many heads the text model has (text_config.num_attention_heads): ${defaultHeads}, as Transformers assumes. Models from Salesforce have 12; where this is one, add the number to the file.`,
        ]
      : []),
    ...(hiddenDropout > 0
      ? [
          `${file} asks for dropout of hidden states (text_config.hidden_dropout_prob ${hiddenDropout}); Vernier trains without it.`,
        ]
      : []),
  ];
}

const advice = `Vernier reads BLIP models that write captions (${captionClass}) or answer questions (${answerClass}): open one of those.`;

/** Classes of Transformers that are saved with the configuration of BLIP and write nothing. */
const others: Readonly<Record<string, string>> = {
  BlipForImageTextRetrieval:
    'a BLIP that tells whether words fit a picture (BlipForImageTextRetrieval) and has no decoder to write words with',
  BlipModel: 'a BLIP without a decoder (BlipModel), which Transformers is about to give up',
  BlipTextModel: 'the text model of a BLIP alone (BlipTextModel)',
  BlipTextLMHeadModel: 'the decoder of a BLIP alone (BlipTextLMHeadModel), without its image tower',
  BlipVisionModel: 'the image tower of a BLIP alone (BlipVisionModel)',
};
