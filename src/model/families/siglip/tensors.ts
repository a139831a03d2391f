import type { ParameterPart } from '../../../engine/graph/value';
import type { FusedTensor, Tower } from '../family';
import {
  blockTensors,
  finalNormTensors,
  linearTensors,
  logitScaleName,
  normTensors,
  tensor,
  tensorsOf,
  textEmbeddingTensors,
} from '../transformer/tensors';
import type { SiglipConfig } from './config';
import { patchCount, type SiglipStage } from './stages';

/** The scalars of the loss are vectors of one element in SigLIP. */
export const logitScaleTensor = tensor(logitScaleName, 1);
export const logitBiasTensor = tensor('logit_bias', 1);

/** Tensors of the vision embeddings: no class embedding and no norm, but a bias of the patches. */
export function visionEmbeddingTensors(config: SiglipConfig) {
  const { hiddenSize, patchSize } = config.vision;
  return {
    patches: {
      weight: tensor('vision_model.embeddings.patch_embedding.weight', hiddenSize, 3, patchSize, patchSize),
      bias: tensor('vision_model.embeddings.patch_embedding.bias', hiddenSize),
    },
    positions: tensor('vision_model.embeddings.position_embedding.weight', patchCount(config), hiddenSize),
  };
}

const pooling = 'vision_model.head';

/** Tensors of the attention pooling: one learned query, attention over all patches, and an MLP. */
export function poolingTensors({ vision: { hiddenSize, intermediateSize } }: SiglipConfig) {
  const projection = (name: string) => linearTensors(`${pooling}.attention.${name}_proj`, hiddenSize, hiddenSize);
  return {
    probe: tensor(`${pooling}.probe`, 1, 1, hiddenSize),
    query: projection('q'),
    key: projection('k'),
    value: projection('v'),
    out: projection('out'),
    norm: normTensors(`${pooling}.layernorm`, hiddenSize),
    fc1: linearTensors(`${pooling}.mlp.fc1`, intermediateSize, hiddenSize),
    fc2: linearTensors(`${pooling}.mlp.fc2`, hiddenSize, intermediateSize),
  };
}

/** PyTorch's `MultiheadAttention` keeps the three projections of the pooling in one tensor. */
export function fusedTensors(config: SiglipConfig): readonly FusedTensor[] {
  const { query, key, value } = poolingTensors(config);
  const parts = [query, key, value];
  return [
    { name: `${pooling}.attention.in_proj_weight`, parts: parts.map(({ weight }) => weight) },
    { name: `${pooling}.attention.in_proj_bias`, parts: parts.map(({ bias }) => bias) },
  ];
}

export function textHeadTensors({ vision, text }: SiglipConfig) {
  return linearTensors('text_model.head', vision.hiddenSize, text.hiddenSize);
}

/** Every tensor of one stage of a tower. */
export function stageTensors(
  config: SiglipConfig,
  tower: Tower,
  stage: Exclude<SiglipStage, 'features'>,
): readonly ParameterPart[] {
  if (stage === 'embeddings') {
    if (tower === 'vision') return tensorsOf(visionEmbeddingTensors(config));
    const { text } = config;
    return tensorsOf(textEmbeddingTensors(text, text.vocabularySize, text.maxPositions));
  }
  if (stage === 'final_norm') return tensorsOf({ norm: finalNormTensors(config[tower], tower) });
  if (stage === 'head')
    return tensorsOf(tower === 'vision' ? poolingTensors(config) : { head: textHeadTensors(config) });
  return tensorsOf(blockTensors(config[tower], tower, Number(stage.slice('blocks.'.length))));
}
