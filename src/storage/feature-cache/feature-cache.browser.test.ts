import { afterEach, beforeEach, expect, test } from 'vitest';
import { estimateHere, featureCache } from './here';
import type { RowsAnswer, RowsRequest } from './testing/rows-worker';

/** The cache of this browser on its real file system: a worker keeps rows, the page counts and clears them. */
const width = 3000;
const key = 'ab'.repeat(32);
const values = (row: number): Float32Array => Float32Array.from({ length: width }, (_, i) => row + i / 7);

let worker: Worker;
let other: Worker;

beforeEach(async () => {
  await featureCache.clear();
  worker = start();
  other = start();
});

afterEach(() => {
  worker.terminate();
  other.terminate();
});

function start(): Worker {
  return new Worker(new URL('./testing/rows-worker.ts', import.meta.url), { type: 'module' });
}

function ask(request: RowsRequest, of = worker): Promise<RowsAnswer> {
  return new Promise((resolve, reject) => {
    of.onmessage = ({ data }: MessageEvent<RowsAnswer>) => resolve(data);
    of.onerror = ({ message }) => reject(new Error(message));
    of.postMessage(request);
  });
}

const open = (rows: readonly number[], of = worker): Promise<RowsAnswer> => ask({ do: 'open', key, width, rows }, of);
const read = (row: number, of = worker): Promise<RowsAnswer> => ask({ do: 'read', row, width }, of);

async function keep(rows: readonly number[]): Promise<void> {
  expect(await open(rows)).toBe(true);
  for (const row of rows) await ask({ do: 'write', row, values: values(row) });
  await ask({ do: 'close' });
}

async function fileOf(name: string): Promise<FileSystemFileHandle> {
  const root = await navigator.storage.getDirectory();
  return (await root.getDirectoryHandle('feature-cache')).getFileHandle(name);
}

test('rows lie in a file and outlast the worker', async () => {
  await keep([1, 2, 3]);
  worker.terminate();
  expect((await (await fileOf(`${key}.rows`)).getFile()).size).toBe(3 * 4 * width);
  expect(await featureCache.bytes()).toBeGreaterThan(3 * 4 * width);
  await open([1, 2, 3, 4], other);
  expect(await read(2, other)).toEqual(values(2));
  expect(await read(4, other)).toBeNull();
  expect((await estimateHere())?.quota).toBeGreaterThan(0);
});

test('a file cut short gives what is whole', async () => {
  await keep([1, 2, 3]);
  const file = await fileOf(`${key}.rows`);
  const { size } = await file.getFile();
  const writable = await file.createWritable({ keepExistingData: true });
  await writable.truncate(size - 100);
  await writable.close();
  await open([1, 2, 3]);
  expect(await read(2)).toEqual(values(2));
  expect(await read(3)).toBeNull();
  await ask({ do: 'write', row: 3, values: values(3) });
  expect(await read(3)).toEqual(values(3));
});

test('rows in use are neither shared nor cleared from elsewhere', async () => {
  await open([1, 2]);
  await ask({ do: 'write', row: 1, values: values(1) });
  expect(await open([1, 2], other)).toBe(false);
  expect(await featureCache.bytes()).toBeGreaterThan(4 * width);
  expect(await featureCache.clear()).toBe(0);
  expect(await read(1)).toEqual(values(1));
  await ask({ do: 'close' });
  expect(await featureCache.clear()).toBeGreaterThan(0);
  expect(await featureCache.bytes()).toBe(0);
  await open([1]);
  expect(await read(1)).toBeNull();
});
