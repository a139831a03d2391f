import { readFile } from 'node:fs/promises';
import { elementCount } from '../../engine/graph/value';
import { openArchitecture } from '../../model/families';
import { droppedFiles } from '../../model/files';
import { checkpointTensors } from '../../model/fused';
import { encodeTensor } from '../../model/safetensors';
import { openModel, type LoadedModel } from '../../model/source';
import { writeSafetensors } from '../../model/testing/safetensors';
import { randomValues, tinySide } from './tiny-clip';

/**
 * A SigLIP for tests of exports, opened from files as a user's would be. Its text tower is narrower than its features, so that neither width can
 * be taken for the other.
 */

const tower = { hidden_size: 16, intermediate_size: 32, num_hidden_layers: 2, num_attention_heads: 2 };
const config = {
  model_type: 'siglip',
  architectures: ['SiglipModel'],
  text_config: {
    model_type: 'siglip_text_model',
    ...tower,
    hidden_size: 12,
    projection_size: 16,
    vocab_size: 1024,
    max_position_embeddings: 64,
    bos_token_id: 2,
    eos_token_id: 1,
    pad_token_id: 0,
  },
  vision_config: { model_type: 'siglip_vision_model', ...tower, image_size: tinySide, patch_size: 8 },
};

const tokenizerFile = new URL('../../model/families/siglip/fixtures/tokenizers.json', import.meta.url);

/** What is used of the fixture; an import of it would not do everywhere. */
interface StoredTokenizers {
  readonly tokenizers: { readonly gemma: string };
  readonly variants: { readonly siglip2: { readonly tokenizerConfig: Readonly<Record<string, unknown>> } };
}

interface TinyFile {
  readonly name: string;
  readonly file: Blob;
}

/** The files of a SigLIP 2 of two blocks a tower with random weights, as `save_pretrained` of Transformers leaves them. */
export async function tinySiglipFiles(dtype: 'F32' | 'F16' = 'F32'): Promise<readonly TinyFile[]> {
  const { tokenizers, variants } = JSON.parse(await readFile(tokenizerFile, 'utf8')) as StoredTokenizers;
  const random = randomValues(17);
  const tensors = checkpointTensors(openArchitecture(config)).map(({ name, shape }) => {
    const isNormWeight = /norm/.test(name) && name.endsWith('weight');
    const values = Float32Array.from({ length: elementCount(shape) }, () => (isNormWeight ? 1 : 0) + 0.2 * random());
    if (name === 'logit_scale') values[0] = 2.3;
    if (name === 'logit_bias') values[0] = -3;
    return encodeTensor(name, shape, values, dtype);
  });
  const json = (content: unknown): Blob => new Blob([JSON.stringify(content)]);
  return [
    { name: 'config.json', file: json(config) },
    { name: 'model.safetensors', file: new Blob([writeSafetensors(tensors)]) },
    { name: 'tokenizer.json', file: new Blob([tokenizers.gemma]) },
    {
      name: 'tokenizer_config.json',
      file: json({
        ...variants.siglip2.tokenizerConfig,
        model_max_length: 64,
        model_input_names: ['input_ids'],
      }),
    },
    {
      name: 'preprocessor_config.json',
      file: json({
        image_processor_type: 'SiglipImageProcessor',
        processor_class: 'SiglipProcessor',
        size: { height: tinySide, width: tinySide },
        resample: 2,
        image_mean: [0.5, 0.5, 0.5],
        image_std: [0.5, 0.5, 0.5],
      }),
    },
  ];
}

export async function tinySiglip(dtype: 'F32' | 'F16' = 'F32'): Promise<LoadedModel> {
  return openModel(droppedFiles(await tinySiglipFiles(dtype)));
}
