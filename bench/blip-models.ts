import { elementCount } from '../src/engine/graph/value';
import { modelTensors } from '../src/model/architecture';
import type { Architecture } from '../src/model/families/family';

/** Models that write words, of known sizes, with weights made from a seed. */

export type BlipModelName = 'small' | 'base' | 'base-384';

/**
 * The parts of a `config.json`: `small` is as large as the embedded one, with room for longer texts; `base` is BLIP-base with pictures of 224 pixels, and
 * `base-384` of 384 pixels, as it is published for captions and answers.
 */
export const blipModels: Readonly<Record<BlipModelName, object>> = {
  small: {
    text_config: {
      hidden_size: 192,
      intermediate_size: 576,
      num_hidden_layers: 3,
      num_attention_heads: 3,
      vocab_size: 4000,
      max_position_embeddings: 64,
      bos_token_id: 5,
      sep_token_id: 3,
    },
    vision_config: {
      hidden_size: 192,
      intermediate_size: 768,
      num_hidden_layers: 6,
      num_attention_heads: 3,
      image_size: 64,
      patch_size: 8,
    },
  },
  base: { text_config: { num_attention_heads: 12 }, vision_config: { image_size: 224 } },
  'base-384': { text_config: { num_attention_heads: 12 }, vision_config: { image_size: 384 } },
};

/**
 * Repeatable weights with the usual spread; norms at one.
 *
 * @param only names of tensors that are wanted; default: all
 */
export function blipWeights(architecture: Architecture, only?: ReadonlySet<string>): Map<string, Float32Array> {
  let state = 1;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return new Map(
    modelTensors(architecture)
      .filter(({ name }) => only?.has(name) ?? true)
      .map(({ name, shape }): [string, Float32Array] => {
        const norm = /norm.*weight$/i.test(name);
        const spread = shape.length === 2 ? (3 / (shape[1] ?? 1)) ** 0.5 : 0.02;
        return [name, Float32Array.from({ length: elementCount(shape) }, () => (norm ? 1 : spread * random()))];
      }),
  );
}
