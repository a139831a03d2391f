import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB, type IDBPDatabase } from 'idb';
import { beforeEach, expect, it, vi } from 'vitest';
import { baseColumns } from './columns';

/** Fresh copies of the modules, as another page would load them. */
async function page() {
  vi.resetModules();
  return { ...(await import('./storage')), ...(await import('../storage/db')) };
}

const picture = (hash: string) => ({ path: `boots/${hash}.png`, type: 'image/png', width: 8, height: 9, bytes: 10 });
const sample = (hash: string, order: number) => ({
  id: `old/${hash}`,
  datasetId: 'old',
  hash,
  captions: [`boot ${hash}`],
  split: 'validation',
  order,
});
const stored = (hash: string, order: number) => ({ ...sample(hash, order), ...picture(hash), version: 1 });
const dataset = {
  id: 'old',
  name: 'Boots',
  createdAt: 5,
  split: { seed: 7, validation: 0.2, test: 0.1 },
  origin: 'files',
  revision: 3,
};

/** The database as the studio left it that knew no columns and no fields. */
async function openVersion2(): Promise<IDBPDatabase> {
  const db = await openDB('vernier', 2, {
    upgrade(upgraded) {
      for (const store of [
        'datasets',
        'imageBytes',
        'thumbnails',
        'modelFiles',
        'runs',
        'runData',
        'runMetrics',
        'runTensors',
        'settings',
      ])
        upgraded.createObjectStore(store);
      upgraded.createObjectStore('images').createIndex('by-dataset', ['datasetId', 'order']);
    },
  });
  await db.put('datasets', { ...dataset, version: 1 }, 'old');
  for (const [order, hash] of ['a', 'b', 'c'].entries()) {
    await db.put('images', stored(hash, order), `old/${hash}`);
    await db.put('imageBytes', new ArrayBuffer(10), `old/${hash}`);
    await db.put('thumbnails', new Blob(['t']), `old/${hash}`);
  }
  return db;
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

const upToDate = (hash: string, order: number) => ({
  ...sample(hash, order),
  media: [{ kind: 'image', ...picture(hash) }],
  fields: {},
});

it('reads a dataset that was stored before there were columns and fields, with all that it holds', async () => {
  (await openVersion2()).close();
  const { readDataset, listDatasets, readImageBlob, readThumbnail } = await page();
  const read = await readDataset('old');
  expect(read.dataset).toEqual({ ...dataset, columns: baseColumns });
  expect(read.items).toEqual([upToDate('a', 0), upToDate('b', 1), upToDate('c', 2)]);
  expect(read.damaged).toBe(0);
  expect((await listDatasets()).damaged).toEqual([]);
  expect((await readImageBlob(read.items[0]!))?.size).toBe(10);
  expect(await readThumbnail('old/c')).not.toBeNull();
});

it('brings records up to date as they are written, one beside others that are not yet', async () => {
  (await openVersion2()).close();
  const first = await page();
  await first.setCaptions('old/b', ['a red boot']);
  const db = await first.database();
  expect(await db.get('images', 'old/b')).toMatchObject({ captions: ['a red boot'], fields: {}, version: 2 });
  expect(await db.get('images', 'old/a')).toEqual(stored('a', 0));
  db.close();
  // Another page, as after a crash, finds records of both versions.
  const { items, dataset: current } = await (await page()).readDataset('old');
  expect(items.map(({ captions, fields }) => [captions, fields])).toEqual([
    [['boot a'], {}],
    [['a red boot'], {}],
    [['boot c'], {}],
  ]);
  expect(current).toMatchObject({ revision: 4, columns: baseColumns });
});

it('leaves everything as it was when the upgrade is cut short, and does it the next time', async () => {
  (await openVersion2()).close();
  const request = indexedDB.open('vernier', 3);
  const ended = new Promise((resolve) => (request.onerror = resolve));
  request.onupgradeneeded = () => request.transaction?.abort();
  await ended;
  const old = await openDB('vernier');
  expect([old.version, await old.get('images', 'old/a')]).toEqual([2, stored('a', 0)]);
  old.close();
  expect((await (await page()).readDataset('old')).items).toHaveLength(3);
});

it('shuts out a page that knows no fields and would write records without them', async () => {
  const old = await openVersion2();
  old.addEventListener('versionchange', () => old.close());
  const { readDataset, database } = await page();
  expect((await readDataset('old')).items).toHaveLength(3);
  await expect(openDB('vernier', 2)).rejects.toThrow(/version/i);
  (await database()).close();
});
