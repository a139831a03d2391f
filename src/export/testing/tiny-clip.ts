import { readFile } from 'node:fs/promises';
import { elementCount } from '../../engine/graph/value';
import type { ModelFiles } from '../../model/files';
import { encodeTensor } from '../../model/safetensors';
import { writeSafetensors } from '../../model/testing/safetensors';
import { openModel, type LoadedModel } from '../../model/source';
import { modelTensors } from '../../model/architecture';
import { openArchitecture } from '../../model/families';

/** A model for tests of exports. Its configuration holds what strangers' files do, such as a path on somebody's disk. */

const tokenizerFolder = new URL('../../../public/models/seed-clip/', import.meta.url);

/** Side of the tiny model's pictures. */
export const tinySide = 32;

const tower = { hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2 };
const tinyConfig = {
  model_type: 'clip',
  dtype: 'float16',
  projection_dim: 12,
  _name_or_path: '/home/someone/model',
  text_config: {
    ...tower,
    torch_dtype: 'float16',
    vocab_size: 4096,
    max_position_embeddings: 32,
    bos_token_id: 4094,
    eos_token_id: 4095,
    pad_token_id: 4095,
  },
  vision_config: { ...tower, image_size: tinySide, patch_size: 8 },
};

/** Numbers in -1…1 that are the same everywhere. */
export function randomValues(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 16807) % 2147483647) / 1073741823.5 - 1;
}

/** What a tiny CLIP has that differs from the usual one. */
export interface TinyChanges {
  readonly text?: Readonly<Record<string, unknown>>;
  readonly vision?: Readonly<Record<string, unknown>>;
  readonly pictures?: Readonly<Record<string, unknown>>;
}

/**
 * A CLIP of two blocks a tower with random weights and the embedded model's tokenizer, opened from files as a user's would be.
 *
 * @param leftOut files that it lacks
 * @param changes of its configuration and its image processor
 */
export async function tinyClip(
  dtype: 'F32' | 'F16',
  leftOut: readonly string[] = [],
  changes: TinyChanges = {},
): Promise<LoadedModel> {
  const config = {
    ...tinyConfig,
    text_config: { ...tinyConfig.text_config, ...changes.text },
    vision_config: { ...tinyConfig.vision_config, ...changes.vision },
  };
  const random = randomValues(11);
  const tensors = modelTensors(openArchitecture(config)).map(({ name, shape }) => {
    const isNormWeight = /norm|layrnorm/.test(name) && name.endsWith('weight');
    const values = Float32Array.from({ length: elementCount(shape) }, () => (isNormWeight ? 1 : 0) + 0.2 * random());
    if (name === 'logit_scale') values[0] = 2.6592;
    return encodeTensor(name, shape, values, dtype);
  });
  const made = new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify(config))],
    [
      'preprocessor_config.json',
      new TextEncoder().encode(
        JSON.stringify({
          image_processor_type: 'CLIPImageProcessor',
          size: { shortest_edge: tinySide },
          crop_size: { height: tinySide, width: tinySide },
          resample: 3,
          image_mean: [0.48145466, 0.4578275, 0.40821073],
          image_std: [0.26862954, 0.26130258, 0.27577711],
          ...changes.pictures,
        }),
      ),
    ],
    ['model.safetensors', writeSafetensors(tensors)],
  ]);
  const files: ModelFiles = {
    place: 'the test',
    async read(name) {
      if (leftOut.includes(name)) return null;
      const own = made.get(name);
      if (own !== undefined) return own;
      return /^(tokenizer|special|vocab|merges)/.test(name)
        ? await readFile(new URL(name, tokenizerFolder)).then(
            (bytes) => new Uint8Array(bytes),
            // The embedded model has not every file that some tokenizer is made of.
            () => null,
          )
        : null;
    },
  };
  return openModel(files);
}
