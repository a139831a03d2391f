import { readFile, readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { catalogue, embeddedWriter, isEmbedded } from './catalogue';
import { readSafetensors } from './safetensors';
import { openModel } from './source';

const models = new URL('../../public/models/', import.meta.url);
const listed = JSON.parse(await readFile(new URL('index.json', models), 'utf8')) as {
  id: string;
  bytes: number;
  parameters: number;
  files: string[];
}[];

describe.each(catalogue.filter(({ id }) => isEmbedded(id)))(
  'the embedded model $id',
  ({ id, bytes, parameters, imageSize }) => {
    test('is as large as the catalogue says, and at most 15 MB', async () => {
      const weights = new Uint8Array(await readFile(new URL(`${id}/model.safetensors`, models)));
      expect(weights.length).toBe(bytes);
      expect(weights.length).toBeLessThanOrEqual(15e6);
      const tensors = [...readSafetensors(weights, id).values()];
      expect(tensors.reduce((sum, { shape }) => sum + shape.reduce((all, side) => all * side, 1), 0)).toBe(parameters);
    });

    test('opens', async () => {
      const folder = new URL(`${id}/`, models);
      const read = async (name: string) => {
        const there = (await readdir(folder)).includes(name);
        return there ? new Uint8Array(await readFile(new URL(name, folder))) : null;
      };
      const { architecture, tokenizer, notes } = await openModel({ place: 'the folder of embedded models', read });
      expect(architecture.kind).toBe(id === embeddedWriter ? 'generator' : 'pair');
      expect(architecture.image.side).toBe(imageSize);
      expect(tokenizer.encode('where is the star?').ids.length).toBeGreaterThan(4);
      expect(notes).toEqual([]);
    });

    test('is listed with all of its files', async () => {
      const entry = listed.find((each) => each.id === id)!;
      expect(entry).toMatchObject({ bytes, parameters });
      const there = await readdir(new URL(`${id}/`, models));
      expect([...entry.files, 'LICENSE'].toSorted()).toEqual(there.toSorted());
    });
  },
);
