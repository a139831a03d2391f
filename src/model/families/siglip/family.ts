import { modelInputs, type ModelFamily, type PairArchitecture } from '../family';
import { coveredSide } from '../transformer/block';
import { parseSiglipConfig, type SiglipConfig } from './config';
import { siglipLayerGroups } from './groups';
import { stageShape, towerStages } from './stages';
import { fusedTensors, logitBiasTensor, logitScaleTensor } from './tensors';
import { siglipTokenizer } from './tokenizer';
import { siglipTower } from './tower';

/** SigLIP (Zhai et al. 2023, arXiv 2303.15343) and SigLIP 2 for pictures of a fixed size (Tschannen et al. 2025, arXiv 2502.14786). */
export const siglipFamily: ModelFamily = {
  modelType: 'siglip',
  name: 'SigLIP',
  modelClasses: ['SiglipModel'],
  classifierClass: 'SiglipForImageClassification',
  partTypes: ['siglip_text_model', 'siglip_vision_model'],
  prefix: 'siglip.',
  tokenizer: siglipTokenizer,
  imageProcessor: 'Siglip',
  open: (json, file) => siglipArchitecture(parseSiglipConfig(json, file)),
};

function siglipArchitecture(config: SiglipConfig): PairArchitecture {
  const { vision, text } = config;
  return {
    kind: 'pair',
    family: siglipFamily,
    modelClass: 'SiglipModel',
    tasks: ['contrastive', 'classification'],
    identity: { family: 'siglip', ...config },
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
    featureSize: vision.hiddenSize,
    loss: 'sigmoid',
    logits: { scale: logitScaleTensor, bias: logitBiasTensor },
    groups: siglipLayerGroups(config),
    fused: fusedTensors(config),
    tied: [],
    stages: (tower, reading) => towerStages(config, tower, reading),
    stageShape: (tower, stage, options) => stageShape(config, tower, stage, options),
    tower: (builder, tower, options) => siglipTower(builder, config, tower, options),
    // Captions come padded: where they end decides what is read.
    sequenceLength: (longest) => Math.min(longest, text.maxPositions),
    textInputs: (ids) => ({ [modelInputs.inputIds]: ids }),
    textNotes: () => [],
  };
}
