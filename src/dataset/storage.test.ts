import 'fake-indexeddb/auto';
import { afterEach, expect, it } from 'vitest';
import { database } from '../storage/db';
import { importFiles } from './intake';
import {
  deleteDataset,
  deleteImage,
  listDatasets,
  readDatasetRecord,
  readImage,
  readImageBlob,
  readImages,
  readThumbnails,
  renameDataset,
  resplit,
  setCaptions,
  setExcluded,
  setFields,
  setSplit,
} from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';
import { keepPicture, putBack } from './undelete';

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

async function makeDataset(count: number, seed = 0): Promise<string> {
  const files = Array.from({ length: count }, (_, i) => givenFile(`${i}.png`, makePng(seed + i)));
  const { datasetId } = await importFiles(
    { datasetId: null, name: 'Set', files, origin: 'files' },
    { codec: headerCodec },
  );
  return datasetId;
}

it('reads page by page', async () => {
  const id = await makeDataset(25);
  const first = await readImages(id, 0, 10);
  expect(first.items.map(({ order }) => order)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect((await readImages(id, 20, 10)).items.map(({ order }) => order)).toEqual([20, 21, 22, 23, 24]);
  const thumbnails = await readThumbnails([...first.items.map((image) => image.id), 'unknown']);
  expect(thumbnails.map((thumbnail) => thumbnail !== null)).toEqual([...Array<boolean>(10).fill(true), false]);
});

it('changes captions and splits of a picture', async () => {
  const id = await makeDataset(3);
  const [image] = (await readImages(id)).items;
  await setCaptions(image!.id, ['  a  shoe ', '', 'a shoe']);
  await setSplit(image!.id, 'test');
  expect(await readImage(image!.id)).toMatchObject({ captions: ['a shoe'], split: 'test' });
  await expect(setCaptions('nowhere/1', [])).rejects.toThrow(/not stored any more/);
});

it('excludes a picture, through an import of the same bytes too, until it is taken back', async () => {
  const id = await makeDataset(2);
  const [image] = (await readImages(id)).items;
  const { revision } = await setExcluded(image!.id, true);
  expect(await readImage(image!.id)).toMatchObject({ excluded: true });
  const again = givenFile('0.png', makePng(0));
  await importFiles({ datasetId: id, name: 'Set', files: [again], origin: 'files' }, { codec: headerCodec });
  expect((await readImages(id)).items.filter(({ excluded }) => excluded === true)).toHaveLength(1);
  const back = await setExcluded(image!.id, false);
  expect(back.image.excluded).toBeUndefined();
  expect(back.revision).toBeGreaterThan(revision ?? Infinity);
});

it('refuses captions that are too long or too many, and keeps those that are there', async () => {
  const id = await makeDataset(1);
  const [image] = (await readImages(id)).items;
  await setCaptions(image!.id, ['a shoe']);
  await expect(setCaptions(image!.id, ['x'.repeat(10_001), 'y'.repeat(20_000)])).rejects.toThrow(
    '2 captions have up to 20,000 characters, over the limit of 10,000. The picture keeps the captions that it had.',
  );
  const many = Array.from({ length: 1_001 }, (_, i) => `caption ${i}`);
  await expect(setCaptions(image!.id, many)).rejects.toThrow('There are 1,001 captions, over the limit of 1,000.');
  expect(await readImage(image!.id)).toMatchObject({ captions: ['a shoe'] });
});

it('splits again by a seed', async () => {
  const id = await makeDataset(60);
  const before = (await readImages(id)).items.map(({ split }) => split);
  await resplit(id, { seed: 7, validation: 0.3, test: 0 });
  const after = (await readImages(id)).items.map(({ split }) => split);
  expect(after).not.toEqual(before);
  expect(after).not.toContain('test');
  expect((await readDatasetRecord(id)).split).toEqual({ seed: 7, validation: 0.3, test: 0 });
  await resplit(id, { seed: 42, validation: 0.1, test: 0.1 });
  expect((await readImages(id)).items.map(({ split }) => split)).toEqual(before);
});

it('deletes a picture or a dataset with all that belongs to it, and nothing else', async () => {
  const [a, b] = [await makeDataset(5), await makeDataset(4, 100)];
  const [image] = (await readImages(a)).items;
  await deleteImage(image!.id);
  expect(await readImageBlob(image!)).toBeNull();
  expect((await readImages(a)).items).toHaveLength(4);
  await deleteDataset(a);
  const db = await database();
  expect([await db.count('images'), await db.count('imageBytes'), await db.count('thumbnails')]).toEqual([4, 4, 4]);
  expect((await listDatasets()).items.map((dataset) => dataset.id)).toEqual([b]);
  await expect(readDatasetRecord(a)).rejects.toThrow(/not stored/);
});

it('puts a deleted picture back as it was, and leaves one that is there again', async () => {
  const id = await makeDataset(5);
  const before = (await readImages(id)).items;
  const [, image] = before;
  const kept = await keepPicture(image!.id);
  const bytes = await (await readImageBlob(image!))?.arrayBuffer();
  await deleteImage(image!.id);
  await putBack(kept);
  expect((await readImages(id)).items).toEqual(before);
  expect(await (await readImageBlob(image!))?.arrayBuffer()).toEqual(bytes);
  await setCaptions(image!.id, ['another']);
  await putBack(kept);
  expect((await readImages(id)).items[1]?.captions).toEqual(['another']);
  await deleteDataset(id);
  await expect(putBack(kept)).rejects.toThrow(/not stored/);
});

it('renames, but not to nothing', async () => {
  const id = await makeDataset(1);
  await renameDataset(id, ' Shoes ');
  expect((await readDatasetRecord(id)).name).toBe('Shoes');
  await renameDataset(id, '  ');
  expect((await readDatasetRecord(id)).name).toBe('Shoes');
});

it('does not bring a deleted dataset back by editing it', async () => {
  const id = await makeDataset(2);
  await deleteDataset(id);
  await expect(renameDataset(id, 'Shoes')).rejects.toThrow(/not stored/);
  await expect(resplit(id, { seed: 1, validation: 0.1, test: 0.1 })).rejects.toThrow(/not stored/);
  expect((await listDatasets()).items).toEqual([]);
});

it('reads datasets that lack what can be done without', async () => {
  const id = await makeDataset(1);
  const db = await database();
  await db.put('datasets', { id, split: 'half', revision: 'new' }, id);
  expect(await readDatasetRecord(id)).toMatchObject({ id, name: 'Unnamed pictures', origin: 'files' });
  await renameDataset(id, 'Shoes');
  expect((await listDatasets()).items).toMatchObject([{ id, name: 'Shoes' }]);
});

it('skips damaged records, counts them and keeps the rest', async () => {
  const id = await makeDataset(5);
  const db = await database();
  const [first] = (await readImages(id)).items;
  await db.put('images', { ...first, captions: 'not a list' }, first!.id);
  await db.put('datasets', { name: 7 }, 'odd');
  const page = await readImages(id);
  expect([page.items.length, page.damaged]).toEqual([4, 1]);
  expect(await readImage(first!.id)).toBeNull();
  const listed = await listDatasets();
  expect(listed.items).toMatchObject([{ id }]);
  expect(listed.damaged).toMatchObject([{ id: 'odd', name: null }]);
  await deleteDataset('odd');
  expect((await listDatasets()).damaged).toEqual([]);
});

it('changes what a picture has in columns, and takes it away', async () => {
  const id = await makeDataset(1);
  const [image] = (await readImages(id)).items;
  await setFields(image!.id, { kind: 'boot', question: ['red?'], answer: [['yes', 'no']], price: 3 });
  const { revision } = await setFields(image!.id, { kind: ['boot', 'shoe'], price: null });
  expect(await readImage(image!.id)).toMatchObject({
    fields: { kind: ['boot', 'shoe'], question: ['red?'], answer: [['yes', 'no']] },
  });
  expect((await readImage(image!.id))?.fields).not.toHaveProperty('price');
  expect(revision).toBe((await readDatasetRecord(id)).revision);
  await expect(setFields(image!.id, { kind: 'x'.repeat(10_001) })).rejects.toThrow(/10,001 characters, over the limit/);
  await expect(setFields(image!.id, { kind: Array<string>(1_001).fill('x') })).rejects.toThrow(/1,001 texts, over/);
  await expect(setFields('nowhere/1', {})).rejects.toThrow(/not stored any more/);
});
