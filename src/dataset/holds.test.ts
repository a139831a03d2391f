import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { database } from '../storage/db';
import { FakeLocks } from '../storage/testing/locks';
import { usingDataset } from './holds';
import { importFiles } from './intake';
import { isImporting, journalKey, withImportLock } from './recovery';
import { deleteDataset, deleteImage, listDatasets, readImages, resplit, setCaptions } from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';

let datasetId: string;

beforeEach(async () => {
  vi.stubGlobal('navigator', { locks: new FakeLocks() });
  const files = Array.from({ length: 4 }, (_, i) => givenFile(`${i}.png`, makePng(i)));
  ({ datasetId } = await importFiles({ datasetId: null, name: 'Set', files, origin: 'files' }, { codec: headerCodec }));
});

afterEach(async () => {
  vi.unstubAllGlobals();
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

it('deletes nothing that a run trains on, whichever tab asks, and all of it afterwards', async () => {
  const [first, second] = (await readImages(datasetId)).items;
  let end = (): void => undefined;
  const training = usingDataset(datasetId, () => new Promise<void>((resolve) => (end = resolve)));
  await expect(deleteImage(first!.id)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('A run is training on these pictures') as string,
  });
  await expect(deleteDataset(datasetId)).rejects.toMatchObject({ code: 'busy' });
  expect((await readImages(datasetId)).items).toHaveLength(4);
  // What the run has taken over at its start may change.
  await setCaptions(first!.id, ['a shoe']);
  await resplit(datasetId, { seed: 7, validation: 0.3, test: 0 });
  end();
  await training;
  await Promise.all([deleteImage(first!.id), deleteImage(second!.id)]);
  expect((await readImages(datasetId)).items).toHaveLength(2);
  await deleteDataset(datasetId);
  expect((await listDatasets()).items).toEqual([]);
});

it('a run on one dataset holds no other', async () => {
  await usingDataset('other', () => deleteDataset(datasetId));
  expect((await listDatasets()).items).toEqual([]);
});

it('deletes no dataset that another tab adds pictures to', async () => {
  await withImportLock(datasetId, async () => {
    await expect(deleteDataset(datasetId)).rejects.toMatchObject({ code: 'busy' });
  });
  expect((await listDatasets()).items).toHaveLength(1);
});

it('knows an import in progress from one whose tab has gone', async () => {
  const db = await database();
  const journal = { datasetId, from: 4, isNew: false };
  await withImportLock(datasetId, async () => {
    await db.put('settings', journal, journalKey(datasetId));
    expect(await isImporting(datasetId)).toBe(true);
  });
  expect(await isImporting(datasetId)).toBe(false);
});
