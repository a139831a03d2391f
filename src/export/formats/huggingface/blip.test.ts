import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { embeddedWriter } from '../../../model/catalogue';
import { tensorValues } from '../../../model/safetensors';
import { openModel, type LoadedModel } from '../../../model/source';
import { captionerModel, wholeModel } from '../../model';
import { exported, readExport } from '../../testing/export';
import { unpack } from '../../testing/unpack';
import { openclip } from '../openclip/format';
import { withFields, defaultRecipe, type RecipeChange } from '../../../recipe/fields';
import { usageSnippet } from './description';
import { huggingface } from './format';

const recipeOf = (change: RecipeChange) => withFields(defaultRecipe, change);

/** The model that ships with the studio, as its files are. */
function shipped(): Promise<LoadedModel> {
  return openModel({
    place: 'here',
    async read(name) {
      try {
        return new Uint8Array(await readFile(`public/models/${embeddedWriter}/${name}`));
      } catch {
        return null;
      }
    },
  });
}

describe('export of a BLIP', () => {
  test('holds all that from_pretrained asks for and nothing twice, changed weights included', async () => {
    const model = await shipped();
    const bias = 'text_decoder.cls.predictions.bias';
    const changed = new Map([[bias, new Float32Array(model.architecture.text.vocabulary).fill(0.5)]]);
    const built = await exported(huggingface, model, 'float32', changed);
    const files = await unpack(built.zip);
    const names = [...files.keys()];
    for (const name of [
      'config.json',
      'generation_config.json',
      'vocab.txt',
      'tokenizer.json',
      'preprocessor_config.json',
    ])
      expect(names).toContain(name);
    expect(names).not.toContain('modules.json');
    const text = (name: string) => new TextDecoder().decode(files.get(name)?.bytes);
    expect(JSON.parse(text('generation_config.json'))).toMatchObject({ eos_token_id: 3, decoder_start_token_id: 5 });
    const config = JSON.parse(text('config.json')) as { architectures: string[] };
    expect(config.architectures).toEqual(['BlipForQuestionAnswering']);
    expect(text('README.md')).toContain('AutoProcessor.from_pretrained(folder)');

    const { stored } = await readExport(huggingface, built.zip, built.content);
    expect(new Set(stored.keys())).toEqual(new Set(model.stored.keys()));
    const back = stored.get(bias);
    expect(back && tensorValues(back).every((value) => value === 0.5)).toBe(true);
  });

  test('is the captioning class where it was trained to write captions', async () => {
    const model = await shipped();
    const { modelClass, tensors } = captionerModel(model, null);
    expect(modelClass).toBe('BlipForConditionalGeneration');
    expect(tensors.some(({ name }) => name.startsWith('text_encoder.'))).toBe(false);
    expect(tensors.length).toBeLessThan(wholeModel(model, null).tensors.length);
  });

  test('is not offered where it has no place, and the code for it asks for its class', async () => {
    expect(openclip.obstacle(wholeModel(await shipped(), null))).not.toBeNull();
    expect(usageSnippet('.', 'blip')).toContain('config.architectures[0]');
  });

  test('is asked by the code as it was taught: with its prompt, and with the first token of its questions', () => {
    const encoder = 'bos_token_id + 1';
    expect(usageSnippet('.', 'blip')).toContain(encoder);
    const captioned = recipeOf({ task: 'captioning', captionPrompt: ' a "drawing" of ' });
    expect(usageSnippet('.', 'blip', captioned)).toContain('text="a \\"drawing\\" of", return_tensors');
    expect(usageSnippet('.', 'blip', recipeOf({ task: 'answering' }))).toContain(encoder);
    const plain = recipeOf({ task: 'answering', labelConvention: 'transformers' });
    expect(usageSnippet('.', 'blip', plain)).not.toContain(encoder);
  });
});
