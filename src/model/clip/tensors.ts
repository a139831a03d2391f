import type { ParameterPart } from '../../engine/graph/ir';
import type { ClipConfig } from './config';
import { imageTokenCount, type Stage, type Tower } from './stages';

/** Checkpoint name of the logit scale: a scalar, the natural logarithm of the scale. */
export const LOGIT_SCALE = 'logit_scale';

const ENCODER: Readonly<Record<Tower, string>> = {
  vision: 'vision_model.encoder.layers',
  text: 'text_model.encoder.layers',
};

const tensor = (name: string, ...shape: readonly number[]): ParameterPart => ({ name, shape });

/** Weight and bias of a linear layer or a norm. */
export interface Affine {
  readonly weight: ParameterPart;
  readonly bias: ParameterPart;
}

const linear = (name: string, out: number, inner: number): Affine => ({
  weight: tensor(`${name}.weight`, out, inner),
  bias: tensor(`${name}.bias`, out),
});

const norm = (name: string, width: number): Affine => ({
  weight: tensor(`${name}.weight`, width),
  bias: tensor(`${name}.bias`, width),
});

/** Tensors of the vision embeddings, under the names of Transformers' `CLIPModel` (the missing "e" in `pre_layrnorm` included). */
export function visionEmbeddingTensors(config: ClipConfig) {
  const { hiddenSize, patchSize } = config.vision;
  return {
    classEmbedding: tensor('vision_model.embeddings.class_embedding', hiddenSize),
    patches: tensor('vision_model.embeddings.patch_embedding.weight', hiddenSize, 3, patchSize, patchSize),
    positions: tensor('vision_model.embeddings.position_embedding.weight', imageTokenCount(config), hiddenSize),
    norm: norm('vision_model.pre_layrnorm', hiddenSize),
  };
}

export function textEmbeddingTensors(config: ClipConfig) {
  const { hiddenSize, vocabularySize, maxPositions } = config.text;
  return {
    table: tensor('text_model.embeddings.token_embedding.weight', vocabularySize, hiddenSize),
    positions: tensor('text_model.embeddings.position_embedding.weight', maxPositions, hiddenSize),
  };
}

/** Tensors of one transformer block. */
export function blockTensors(config: ClipConfig, tower: Tower, layer: number) {
  const { hiddenSize, intermediateSize } = config[tower];
  const at = `${ENCODER[tower]}.${layer}`;
  const projection = (name: string): Affine => linear(`${at}.self_attn.${name}_proj`, hiddenSize, hiddenSize);
  return {
    norm1: norm(`${at}.layer_norm1`, hiddenSize),
    query: projection('q'),
    key: projection('k'),
    value: projection('v'),
    out: projection('out'),
    norm2: norm(`${at}.layer_norm2`, hiddenSize),
    fc1: linear(`${at}.mlp.fc1`, intermediateSize, hiddenSize),
    fc2: linear(`${at}.mlp.fc2`, hiddenSize, intermediateSize),
  };
}

export function finalNormTensors(config: ClipConfig, tower: Tower): Affine {
  return norm(
    tower === 'vision' ? 'vision_model.post_layernorm' : 'text_model.final_layer_norm',
    config[tower].hiddenSize,
  );
}

export function projectionTensor(config: ClipConfig, tower: Tower): ParameterPart {
  const name = tower === 'vision' ? 'visual_projection.weight' : 'text_projection.weight';
  return tensor(name, config.projectionSize, config[tower].hiddenSize);
}

export function logitScaleTensor(): ParameterPart {
  return tensor(LOGIT_SCALE);
}

/** Every tensor of one stage of a tower. */
export function stageTensors(
  config: ClipConfig,
  tower: Tower,
  stage: Exclude<Stage, 'features'>,
): readonly ParameterPart[] {
  const both = ({ weight, bias }: Affine): readonly ParameterPart[] => [weight, bias];
  if (stage === 'embeddings') {
    if (tower === 'text') return Object.values(textEmbeddingTensors(config));
    const { norm: preNorm, ...embeddings } = visionEmbeddingTensors(config);
    return [...Object.values(embeddings), ...both(preNorm)];
  }
  if (stage === 'final_norm') return both(finalNormTensors(config, tower));
  if (stage === 'projection') return [projectionTensor(config, tower)];
  return Object.values(blockTensors(config, tower, Number(stage.slice('blocks.'.length)))).flatMap(both);
}
