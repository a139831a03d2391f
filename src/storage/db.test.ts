import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { openDB, type IDBPDatabase } from 'idb';
import { beforeEach, expect, test, vi } from 'vitest';

const name = 'vernier';
const oldStores = [
  'datasets',
  'imageBytes',
  'thumbnails',
  'modelFiles',
  'runs',
  'runMetrics',
  'runTensors',
  'settings',
];

/** A fresh copy of the module, as another page would load it. */
async function page() {
  vi.resetModules();
  return import('./db');
}

/** Opens the database as the first version of the studio did. */
function openVersion1(blocking?: () => void): Promise<IDBPDatabase> {
  return openDB(name, 1, {
    upgrade(db) {
      for (const store of oldStores) db.createObjectStore(store);
      db.createObjectStore('images').createIndex('by-dataset', ['datasetId', 'order']);
    },
    ...(blocking === undefined ? {} : { blocking }),
  });
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

test('a database of version 1 is brought up to date with all that it holds', async () => {
  const old = await openVersion1();
  await old.put('runs', { id: 'r', name: 'amber-otter' }, 'r');
  await old.put('runTensors', new ArrayBuffer(8), 'r/4/w#00000');
  await old.put('runMetrics', [{ step: 1 }], ['r', 1]);
  await old.put('images', { datasetId: 'd', order: 3, hash: 'h' }, 'd/h');
  await old.put('settings', { preset: 'full' }, 'recipe');
  old.close();
  const db = await (await page()).database();
  const newStores = ['runData', 'checkpoints', 'checkpointPieces', 'sweeps'];
  expect([...db.objectStoreNames]).toEqual(['images', ...newStores, ...oldStores].sort());
  expect(await db.get('runs', 'r')).toEqual({ id: 'r', name: 'amber-otter' });
  expect((await db.get('runTensors', 'r/4/w#00000'))?.byteLength).toBe(8);
  expect(await db.get('runMetrics', ['r', 1])).toEqual([{ step: 1 }]);
  expect(await db.getAllKeysFromIndex('images', 'by-dataset', IDBKeyRange.bound(['d', 0], ['d', 9]))).toEqual(['d/h']);
  expect(await db.get('settings', 'recipe')).toEqual({ preset: 'full' });
  await db.put('runData', { train: ['h'] }, 'r');
  db.close();
});

test('a tab with an older layout lets go when a newer one asks, and is told to reload', async () => {
  const old = await openVersion1(() => old.close());
  const { database } = await page();
  const db = await database();
  expect(db.objectStoreNames.contains('runData')).toBe(true);
  db.close();
});

test('a tab that keeps an older layout open is named as the cause, and the upgrade goes on once it is closed', async () => {
  const old = await openVersion1();
  const { database } = await page();
  const refused = {
    name: 'StorageError',
    code: 'blocked',
    message: expect.stringContaining('close that tab') as string,
  };
  await expect(database()).rejects.toMatchObject(refused);
  await expect(database()).rejects.toMatchObject(refused);
  old.close();
  const db = await vi.waitFor(() => database(), { timeout: 5000 });
  expect(db.objectStoreNames.contains('runData')).toBe(true);
  db.close();
});

test('a page that is older than what is stored says so', async () => {
  const newer = await openDB(name, 1000);
  newer.close();
  await expect((await page()).database()).rejects.toMatchObject({
    code: 'outdated',
    message: expect.stringContaining('Reload the page') as string,
  });
});

test('a run that is being written keeps its database until it has ended, then a newer page gets it', async () => {
  const { database, holdingDatabase } = await page();
  await database();
  let end = (): void => undefined;
  const work = holdingDatabase(async () => {
    await new Promise<void>((resolve) => (end = resolve));
    await (await database()).put('settings', 'written', 'backend');
  });
  let upgraded = false;
  const newer = openDB(name, 1000).then((db) => {
    upgraded = true;
    return db;
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(upgraded).toBe(false);
  end();
  await work;
  const db = await newer;
  expect(await db.get('settings', 'backend')).toBe('written');
  db.close();
  await expect(database()).rejects.toMatchObject({ code: 'outdated' });
});
