import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import type { ModelFiles } from './files';
import { openModel } from './source';

const folder = new URL('../../public/models/seed-clip/', import.meta.url);

/** The embedded model's files, some of them replaced or, with null, missing. */
function embedded(changes: Readonly<Record<string, string | Uint8Array | null>> = {}): ModelFiles {
  return {
    place: 'the test folder',
    async read(name) {
      if (Object.hasOwn(changes, name)) {
        const change = changes[name] ?? null;
        return typeof change === 'string' ? new TextEncoder().encode(change) : change && new Uint8Array(change);
      }
      try {
        return new Uint8Array(await readFile(new URL(name, folder)));
      } catch {
        return null;
      }
    },
  };
}

describe('openModel', () => {
  test('opens the embedded model', async () => {
    const model = await openModel(embedded());
    expect(model.config.vision.imageSize).toBe(64);
    expect(model.tensors.get('visual_projection.weight')?.length).toBe(192 * 192);
    expect(model.bytes).toBeLessThan(12e6);
    const { ids } = model.tokenizer.encode('a red apple');
    expect(ids[0]).toBe(4094);
    expect(ids.at(-1)).toBe(4095);
    expect(model.tokenizer.encode('apple '.repeat(50))).toMatchObject({ truncated: true, ids: { length: 32 } });
  });

  test('reads the tokenizer from vocab.json and merges.txt alike', async () => {
    const whole = await openModel(embedded());
    const parts = await openModel(embedded({ 'tokenizer.json': null }));
    for (const caption of ['Grinning  Face', "the dog's café, 2 ½!", '', '🦊 naïve 中文'] as const) {
      expect(parts.tokenizer.encode(caption)).toEqual(whole.tokenizer.encode(caption));
    }
  });

  test.each([
    ['no configuration', { 'config.json': null }, /no config\.json at the test folder/],
    ['a configuration that is no JSON', { 'config.json': '<html>' }, /config\.json is no JSON/],
    ['another kind of model', { 'config.json': '{"model_type":"bert"}' }, /type "bert"/],
    ['no weights', { 'model.safetensors': null }, /no model\.safetensors .*pytorch_model\.bin/],
    ['weights cut short', { 'model.safetensors': new Uint8Array(100) }, /model\.safetensors is not a sound/],
    [
      'weights of another size',
      { 'config.json': '{"model_type":"clip"}', 'preprocessor_config.json': null },
      /Check that both files belong together/,
    ],
    ['no tokenizer', { 'tokenizer.json': null, 'merges.txt': null }, /tokenizer\.json|vocab\.json|merges\.txt/],
    ['a tokenizer without vocabulary', { 'tokenizer.json': '{}' }, /tokenizer\.json/],
    ['pictures of another size', { 'preprocessor_config.json': '{"size":224,"crop_size":224}' }, /64 pixels/],
  ])('%s is refused with the reason', async (_, changes, message) => {
    await expect(openModel(embedded(changes))).rejects.toThrow(message);
  });
});
