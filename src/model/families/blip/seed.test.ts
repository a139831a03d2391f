import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { embeddedWriter } from '../../catalogue';
import { openModel } from '../../source';
import type { ModelFiles } from '../../files';

/** The model that ships with the studio, some of its files left out or put in the place of others. */
function shipped(change: Readonly<Record<string, Uint8Array<ArrayBuffer> | null>> = {}): ModelFiles {
  return {
    place: 'here',
    async read(name) {
      if (Object.hasOwn(change, name)) return change[name] ?? null;
      try {
        return new Uint8Array(await readFile(`public/models/${embeddedWriter}/${name}`));
      } catch {
        return null;
      }
    },
  };
}

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

test('the BLIP that ships opens as it is, from vocab.txt too, and with pictures of another size', async () => {
  const model = await openModel(shipped());
  expect(model.architecture.tasks).toEqual(['captioning', 'answering']);
  expect(model.notes).toEqual([]);
  const { ids } = model.tokenizer.encode('a red circle');
  expect(model.tokenizer.decode(ids)).toBe('a red circle');

  const older = await openModel(shipped({ 'tokenizer.json': null }));
  expect(older.tokenizer.encode('a red circle').ids).toEqual(ids);

  const read = async (name: string) =>
    JSON.parse(new TextDecoder().decode((await shipped().read(name)) ?? undefined)) as Record<string, object>;
  const config = await read('config.json');
  const larger = await openModel(
    shipped({
      'config.json': json({ ...config, vision_config: { ...config['vision_config'], image_size: 96 } }),
      'preprocessor_config.json': null,
      'processor_config.json': null,
    }),
  );
  const [positions] = [...larger.stored.values()].filter(({ name }) => name.endsWith('position_embedding'));
  expect(positions?.shape).toEqual([1, 145, 192]);
  expect(larger.notes.join(' ')).toMatch(/for pictures of 64 pixels and config.json asks for 96/);
});

test('what of a BLIP is missing or belongs to another is said', async () => {
  const config = JSON.parse(new TextDecoder().decode((await shipped().read('config.json')) ?? undefined)) as Record<
    string,
    object
  >;
  const changed = (entries: object) => openModel(shipped({ 'config.json': json({ ...config, ...entries }) }));
  await expect(changed({ architectures: ['BlipForImageTextRetrieval'] })).rejects.toThrow(/no decoder to write words/);
  const text = config['text_config'];
  await expect(changed({ text_config: { ...text, max_position_embeddings: 40 } })).rejects.toThrow(
    /position_embeddings.weight" in model.safetensors is \[32, 192\], but config.json asks for \[40, 192\]/,
  );
  await expect(changed({ text_config: { ...text, vocab_size: 300 } })).rejects.toThrow(/has 300 rows/);
});
