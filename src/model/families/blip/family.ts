import type { FittedTensor, GeneratorArchitecture, ModelFamily } from '../family';
import { coveredSide } from '../transformer/block';
import type { StoredTensor } from '../../safetensors';
import { answerClass, captionClass, parseBlipConfig, type BlipConfig } from './config';
import { blipLayerGroups } from './groups';
import { fittedPositions } from './positions';
import { stageShape, visionStages } from './stages';
import { tiedTensors, visionEmbeddingTensors } from './tensors';
import { blipDecoder, blipQuestion } from './text';
import { blipTokenizer } from './tokenizer';
import { blipTower } from './tower';

/** BLIP (Li et al. 2022, arXiv 2201.12086) as Transformers stores it, where it writes captions or answers questions. */
export const blipFamily: ModelFamily = {
  modelType: 'blip',
  name: 'BLIP',
  modelClasses: [captionClass, answerClass],
  classifierClass: null,
  partTypes: ['blip_text_model', 'blip_vision_model'],
  prefix: 'blip.',
  tokenizer: blipTokenizer,
  imageProcessor: 'Blip',
  open: (json, file) => blipArchitecture(parseBlipConfig(json, file)),
};

function blipArchitecture(config: BlipConfig): GeneratorArchitecture {
  const { vision, text, answers, notes } = config;
  return {
    kind: 'generator',
    family: blipFamily,
    modelClass: answers ? answerClass : captionClass,
    tasks: answers ? ['captioning', 'answering'] : ['captioning'],
    identity: { family: 'blip', answers, vision, text },
    towers: {
      vision: { label: 'Image tower', blocks: vision.layers, width: vision.hiddenSize },
      ...(answers && { question: { label: 'Question encoder', blocks: text.layers, width: text.hiddenSize } }),
      decoder: { label: 'Text decoder', blocks: text.layers, width: text.hiddenSize },
    },
    image: {
      side: vision.imageSize,
      patch: vision.patchSize,
      pixels: coveredSide(vision.imageSize, vision.patchSize),
    },
    text: { maxTokens: text.maxPositions, vocabulary: text.vocabularySize },
    special: { begin: text.beginId, end: text.endId, pad: text.padId, question: questionStart(config) },
    encodedWidth: vision.hiddenSize,
    groups: blipLayerGroups(config),
    fused: [],
    tied: tiedTensors(config),
    fit: (stored) => fitPositions(config, stored),
    stages: () => visionStages(config),
    stageShape: (_, stage, options) => stageShape(config, stage, options),
    tower: (builder, tower, options) => blipTower(builder, config, tower, options),
    question: (builder, options) => blipQuestion(builder, config, options),
    decoder: (builder, options) => blipDecoder(builder, config, options),
    textNotes: () => notes,
  };
}

/** Checkpoints may hold the positions of pictures of another size than the configuration asks for. */
function fitPositions(config: BlipConfig, stored: StoredTensor): FittedTensor | null {
  const { positions } = visionEmbeddingTensors(config);
  const tensor = stored.name.endsWith(positions.name) ? fittedPositions(stored, positions.shape) : null;
  if (tensor === null) return null;
  const { imageSize, patchSize } = config.vision;
  const side = Math.sqrt((stored.shape[1] ?? 1) - 1) * patchSize;
  return {
    tensor,
    note: `The weights are for pictures of ${side} pixels and config.json asks for ${imageSize} (vision_config.image_size): the positions of the patches were interpolated, as Transformers does with interpolate_pos_encoding.`,
  };
}

/** [ENC] comes behind [DEC] in the table; a table that ends there has none, and questions begin like words that are written. */
function questionStart({ text: { beginId, vocabularySize } }: BlipConfig): number {
  return beginId + 1 < vocabularySize ? beginId + 1 : beginId;
}
