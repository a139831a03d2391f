import { modelInputs, type ModelFamily, type PairArchitecture } from '../family';
import { coveredSide } from '../transformer/block';
import { parseClipConfig, type ClipConfig } from './config';
import { endOfTextIndices, endOfTextNotes } from './eos';
import { clipLayerGroups, logitScaleTensor } from './groups';
import { stageShape, towerStages } from './stages';
import { clipTokenizer } from './tokenizer';
import { clipTower } from './tower';

/** CLIP (Radford et al. 2021, arXiv 2103.00020) as Transformers stores it: OpenAI's models, and OpenCLIP's where they were converted. */
export const clipFamily: ModelFamily = {
  modelType: 'clip',
  name: 'CLIP',
  modelClasses: ['CLIPModel'],
  classifierClass: 'CLIPForImageClassification',
  partTypes: ['clip_text_model', 'clip_vision_model'],
  prefix: 'clip.',
  tokenizer: clipTokenizer,
  imageProcessor: 'CLIP',
  open: (json, file) => clipArchitecture(parseClipConfig(json, file)),
};

/** The longest caption of a batch is rounded up to a multiple of this, so that small edits need no new graph. */
const lengthStep = 8;

export function clipArchitecture(config: ClipConfig): PairArchitecture {
  const { vision, text } = config;
  return {
    kind: 'pair',
    family: clipFamily,
    modelClass: 'CLIPModel',
    tasks: ['contrastive', 'classification'],
    identity: config,
    towers: {
      vision: { label: 'Image tower', blocks: vision.layers, width: vision.hiddenSize },
      text: { label: 'Text tower', blocks: text.layers, width: text.hiddenSize },
    },
    image: {
      side: vision.imageSize,
      patch: vision.patchSize,
      pixels: coveredSide(vision.imageSize, vision.patchSize),
    },
    text: { maxTokens: text.maxPositions, vocabulary: text.vocabularySize },
    featureSize: config.projectionSize,
    loss: 'contrastive',
    logits: { scale: logitScaleTensor, bias: null },
    groups: clipLayerGroups(config),
    fused: [],
    tied: [],
    stages: (tower, reading) => towerStages(config, tower, reading),
    stageShape: (tower, stage, options) => stageShape(config, tower, stage, options),
    tower: (builder, tower, options) => clipTower(builder, config, tower, options),
    sequenceLength: (longest) => Math.min(text.maxPositions, Math.ceil(longest / lengthStep) * lengthStep),
    textInputs: (ids, tokens) => ({
      [modelInputs.inputIds]: ids,
      [modelInputs.poolIndex]: endOfTextIndices(text.endOfTextId, ids, tokens),
    }),
    textNotes: (tokenizer) => endOfTextNotes(text.endOfTextId, tokenizer),
  };
}
