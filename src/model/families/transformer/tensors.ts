import type { ParameterPart } from '../../../engine/graph/value';
import type { Tower } from '../family';
import type { TowerConfig } from './config';

/** Names and shapes of tensors under which Transformers stores what CLIP and its kin have in common. */

const encoders: Readonly<Record<Tower, string>> = {
  vision: 'vision_model.encoder.layers',
  text: 'text_model.encoder.layers',
};

/** Checkpoint name of the logit scale: the natural logarithm of the scale. */
export const logitScaleName = 'logit_scale';

export function tensor(name: string, ...shape: readonly number[]): ParameterPart {
  return { name, shape };
}

/** Weight and bias of a linear layer or a norm. */
export interface Affine {
  readonly weight: ParameterPart;
  readonly bias: ParameterPart;
}

export function linearTensors(name: string, out: number, inner: number): Affine {
  return { weight: tensor(`${name}.weight`, out, inner), bias: tensor(`${name}.bias`, out) };
}

export function normTensors(name: string, width: number): Affine {
  return { weight: tensor(`${name}.weight`, width), bias: tensor(`${name}.bias`, width) };
}

/** The tensors of a record of parts and of layers, in its order. */
export function tensorsOf(parts: Readonly<Record<string, ParameterPart | Affine>>): readonly ParameterPart[] {
  return Object.values(parts).flatMap((part) => ('name' in part ? [part] : [part.weight, part.bias]));
}

/** Tensors of one transformer block. */
export function blockTensors({ hiddenSize, intermediateSize }: TowerConfig, tower: Tower, layer: number) {
  const at = `${encoders[tower]}.${layer}`;
  const projection = (name: string): Affine => linearTensors(`${at}.self_attn.${name}_proj`, hiddenSize, hiddenSize);
  return {
    norm1: normTensors(`${at}.layer_norm1`, hiddenSize),
    query: projection('q'),
    key: projection('k'),
    value: projection('v'),
    out: projection('out'),
    norm2: normTensors(`${at}.layer_norm2`, hiddenSize),
    fc1: linearTensors(`${at}.mlp.fc1`, intermediateSize, hiddenSize),
    fc2: linearTensors(`${at}.mlp.fc2`, hiddenSize, intermediateSize),
  };
}

/** Tensors of the embeddings of a text tower. */
export function textEmbeddingTensors({ hiddenSize }: TowerConfig, vocabulary: number, positions: number) {
  return {
    table: tensor('text_model.embeddings.token_embedding.weight', vocabulary, hiddenSize),
    positions: tensor('text_model.embeddings.position_embedding.weight', positions, hiddenSize),
  };
}

export function finalNormTensors({ hiddenSize }: TowerConfig, tower: Tower): Affine {
  return normTensors(tower === 'vision' ? 'vision_model.post_layernorm' : 'text_model.final_layer_norm', hiddenSize);
}
