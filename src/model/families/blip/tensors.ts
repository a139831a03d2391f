import type { ParameterPart } from '../../../engine/graph/value';
import { linearTensors, normTensors, tensor, tensorsOf, type Affine } from '../transformer/tensors';
import type { BlipConfig } from './config';
import { imageTokenCount, type BlipStage } from './stages';

/** Names and shapes under which Transformers stores BLIP. */

/** The text models: the one that reads questions, and the one that writes. */
export type TextPart = 'question' | 'decoder';

const roots: Readonly<Record<TextPart, string>> = { question: 'text_encoder', decoder: 'text_decoder.bert' };
const predictions = 'text_decoder.cls.predictions';

/** Tensors of the vision embeddings; the class embedding and the positions carry axes of extent 1. */
export function visionEmbeddingTensors(config: BlipConfig) {
  const { hiddenSize, patchSize } = config.vision;
  const at = 'vision_model.embeddings';
  return {
    classEmbedding: tensor(`${at}.class_embedding`, 1, 1, hiddenSize),
    patches: {
      weight: tensor(`${at}.patch_embedding.weight`, hiddenSize, 3, patchSize, patchSize),
      bias: tensor(`${at}.patch_embedding.bias`, hiddenSize),
    },
    positions: tensor(`${at}.position_embedding`, 1, imageTokenCount(config), hiddenSize),
  };
}

/** Tensors of a block of the image tower; `qkv` holds query, key and value one behind the other. */
export function visionBlockTensors({ vision: { hiddenSize, intermediateSize } }: BlipConfig, layer: number) {
  const at = `vision_model.encoder.layers.${layer}`;
  return {
    norm1: normTensors(`${at}.layer_norm1`, hiddenSize),
    qkv: linearTensors(`${at}.self_attn.qkv`, 3 * hiddenSize, hiddenSize),
    out: linearTensors(`${at}.self_attn.projection`, hiddenSize, hiddenSize),
    norm2: normTensors(`${at}.layer_norm2`, hiddenSize),
    fc1: linearTensors(`${at}.mlp.fc1`, intermediateSize, hiddenSize),
    fc2: linearTensors(`${at}.mlp.fc2`, hiddenSize, intermediateSize),
  };
}

export function visionNormTensors({ vision }: BlipConfig): Affine {
  return normTensors('vision_model.post_layernorm', vision.hiddenSize);
}

/** Tensors of the embeddings of a text model. The decoder's table of tokens is the weight of its output too. */
export function textEmbeddingTensors({ text }: BlipConfig, part: TextPart) {
  const at = `${roots[part]}.embeddings`;
  return {
    table: tensor(`${at}.word_embeddings.weight`, text.vocabularySize, text.hiddenSize),
    positions: tensor(`${at}.position_embeddings.weight`, text.maxPositions, text.hiddenSize),
    norm: normTensors(`${at}.LayerNorm`, text.hiddenSize),
  };
}

/** Tensors of a block of a text model: attention among its tokens, attention to what is encoded, and the MLP, each before its norm. */
export function textBlockTensors({ text, vision }: BlipConfig, part: TextPart, layer: number) {
  const { hiddenSize: width, intermediateSize } = text;
  const at = `${roots[part]}.encoder.layer.${layer}`;
  const attention = (name: string, encoded: number) => ({
    query: linearTensors(`${at}.${name}.self.query`, width, width),
    key: linearTensors(`${at}.${name}.self.key`, width, encoded),
    value: linearTensors(`${at}.${name}.self.value`, width, encoded),
    out: linearTensors(`${at}.${name}.output.dense`, width, width),
    norm: normTensors(`${at}.${name}.output.LayerNorm`, width),
  });
  return {
    self: attention('attention', width),
    cross: attention('crossattention', vision.hiddenSize),
    mlp: {
      fc1: linearTensors(`${at}.intermediate.dense`, intermediateSize, width),
      fc2: linearTensors(`${at}.output.dense`, width, intermediateSize),
      norm: normTensors(`${at}.output.LayerNorm`, width),
    },
  };
}

/** Tensors between the last block of the decoder and the logits, besides the table of tokens. */
export function headTensors({ text }: BlipConfig) {
  const { hiddenSize, vocabularySize } = text;
  return {
    transform: linearTensors(`${predictions}.transform.dense`, hiddenSize, hiddenSize),
    norm: normTensors(`${predictions}.transform.LayerNorm`, hiddenSize),
    bias: tensor(`${predictions}.bias`, vocabularySize),
  };
}

/** Tensors that a checkpoint may hold a second time under another name, or under that name alone. */
export function tiedTensors(config: BlipConfig) {
  return [
    { name: textEmbeddingTensors(config, 'decoder').table.name, twin: `${predictions}.decoder.weight` },
    { name: `${predictions}.bias`, twin: `${predictions}.decoder.bias` },
  ];
}

/** Every tensor of one stage of the image tower. */
export function visionStageTensors(
  config: BlipConfig,
  stage: Exclude<BlipStage, 'features'>,
): readonly ParameterPart[] {
  if (stage === 'embeddings') return tensorsOf(visionEmbeddingTensors(config));
  if (stage === 'final_norm') return tensorsOf({ norm: visionNormTensors(config) });
  return tensorsOf(visionBlockTensors(config, Number(stage.slice('blocks.'.length))));
}
