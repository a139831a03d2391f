import 'fake-indexeddb/auto';
import { afterEach, expect, it, vi } from 'vitest';
import { database } from '../storage/db';
import { importFiles } from './intake';
import { onDatasetChange, type DatasetChange } from './revision';
import {
  deleteImage,
  readDataset,
  readDatasetRecord,
  readImages,
  renameDataset,
  resplit,
  setCaptions,
  setSplit,
} from './storage';
import { givenFile, headerCodec, makePng } from './testing/pictures';

afterEach(async () => {
  const db = await database();
  for (const store of db.objectStoreNames) await db.clear(store);
});

const add = async (datasetId: string | null, seeds: readonly number[], signal?: AbortSignal): Promise<string> => {
  const files = seeds.flatMap((seed) => [
    givenFile(`${seed}.png`, makePng(seed)),
    givenFile(`${seed}.txt`, `picture ${seed}`),
  ]);
  const request = { datasetId, name: 'Set', files, origin: 'files' };
  return (await importFiles(request, { codec: headerCodec, signal })).datasetId;
};
const revisionOf = async (id: string): Promise<number> => (await readDatasetRecord(id)).revision ?? 0;

it('counts every change of pictures, captions and splits, and no other', async () => {
  const id = await add(null, [1, 2, 3]);
  const [first, second] = (await readImages(id)).items;
  const changes: readonly (() => Promise<unknown>)[] = [
    () => setCaptions(first!.id, ['a boat']),
    () => setSplit(first!.id, 'test'),
    () => resplit(id, { seed: 2, validation: 0.2, test: 0.2 }),
    () => deleteImage(second!.id),
    () => add(id, [4]),
    // Nothing new but a caption for a picture that is there.
    () => add(id, [1]),
  ];
  for (const change of changes) {
    const before = await revisionOf(id);
    await change();
    expect(await revisionOf(id)).toBe(before + 1);
  }
  const before = await revisionOf(id);
  await renameDataset(id, 'Boats');
  await expect(setCaptions('nowhere/1', [])).rejects.toThrow();
  expect(await revisionOf(id)).toBe(before);
});

it('counts an import that is taken back, since its pictures were there for a while', async () => {
  const id = await add(null, [1]);
  const before = await revisionOf(id);
  const controller = new AbortController();
  const codec = {
    inspect: (...args: Parameters<typeof headerCodec.inspect>) => {
      controller.abort();
      return headerCodec.inspect(...args);
    },
  };
  const request = { datasetId: id, name: 'Set', files: [givenFile('9.png', makePng(9))], origin: 'files' };
  await expect(importFiles(request, { codec, signal: controller.signal })).rejects.toThrow();
  expect(await revisionOf(id)).toBeGreaterThan(before);
});

it('gives a change its own number, and tells it', async () => {
  const id = await add(null, [1, 2]);
  const told: DatasetChange[] = [];
  const stop = onDatasetChange((change) => told.push(change));
  const [first, second] = (await readImages(id)).items;
  const results = await Promise.all([setCaptions(first!.id, ['one']), setCaptions(second!.id, ['two'])]);
  const { dataset } = await readDataset(id);
  expect(results.map(({ revision }) => revision)).toEqual([dataset.revision! - 1, dataset.revision]);
  await vi.waitFor(() => expect(told.map(({ revision }) => revision)).toEqual(results.map(({ revision }) => revision)));
  stop();
});
