import type { ParameterPart } from '../../../engine/graph/value';
import type { Tower } from '../family';
import {
  blockTensors,
  finalNormTensors,
  normTensors,
  tensor,
  tensorsOf,
  textEmbeddingTensors,
} from '../transformer/tensors';
import type { ClipConfig } from './config';
import { imageTokenCount, type ClipStage } from './stages';

/** Tensors of the vision embeddings, under the names of Transformers' `CLIPModel` (the missing "e" in `pre_layrnorm` included). */
export function visionEmbeddingTensors(config: ClipConfig) {
  const { hiddenSize, patchSize } = config.vision;
  return {
    classEmbedding: tensor('vision_model.embeddings.class_embedding', hiddenSize),
    patches: tensor('vision_model.embeddings.patch_embedding.weight', hiddenSize, 3, patchSize, patchSize),
    positions: tensor('vision_model.embeddings.position_embedding.weight', imageTokenCount(config), hiddenSize),
    norm: normTensors('vision_model.pre_layrnorm', hiddenSize),
  };
}

export function projectionTensor(config: ClipConfig, tower: Tower): ParameterPart {
  const name = tower === 'vision' ? 'visual_projection.weight' : 'text_projection.weight';
  return tensor(name, config.projectionSize, config[tower].hiddenSize);
}

/** Every tensor of one stage of a tower. */
export function stageTensors(
  config: ClipConfig,
  tower: Tower,
  stage: Exclude<ClipStage, 'features'>,
): readonly ParameterPart[] {
  if (stage === 'embeddings') {
    if (tower === 'vision') return tensorsOf(visionEmbeddingTensors(config));
    const { text } = config;
    return tensorsOf(textEmbeddingTensors(text, text.vocabularySize, text.maxPositions));
  }
  if (stage === 'final_norm') return tensorsOf({ norm: finalNormTensors(config[tower], tower) });
  if (stage === 'projection') return [projectionTensor(config, tower)];
  return tensorsOf(blockTensors(config[tower], tower, Number(stage.slice('blocks.'.length))));
}
