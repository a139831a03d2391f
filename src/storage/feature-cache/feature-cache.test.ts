import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test } from 'vitest';
import { cacheBudget, FeatureCache, type KeptRows } from './feature-cache';
import { withRoom } from './here';
import { IdbRowStorage } from './idb-rows';
import { OpfsRowStorage } from './opfs-rows';
import type { RowStorage } from './rows';
import { MemoryFolder } from './testing/memory-folder';

const width = 5;
const id = (number: number): string => number.toString(16).padStart(64, '0');
const row = (number: number): Float32Array => Float32Array.from({ length: width }, (_, i) => number + i / 7);
const key = id(0xabc);
const file = `${key}.rows`;
const index = `${key}.index`;
const gigabyte = 1e9;

let folder: MemoryFolder;
let cache: FeatureCache;

beforeEach(() => {
  folder = new MemoryFolder();
  cache = cacheOf(new OpfsRowStorage(folder));
});

function cacheOf(storage: RowStorage, quota = gigabyte): FeatureCache {
  return new FeatureCache(
    () => Promise.resolve([storage]),
    () => Promise.resolve({ quota, usage: 0 }),
  );
}

async function opened(numbers: readonly number[], from = cache, name = key): Promise<KeptRows> {
  const rows = await from.open(name, width, numbers.map(id));
  if (rows === null) throw new Error('The rows cannot be kept.');
  return rows;
}

/** The rows that are there, by number. */
async function readable(rows: KeptRows, numbers: readonly number[]): Promise<number[]> {
  const found: number[] = [];
  for (const number of numbers) {
    const target = new Float32Array(width);
    if (!(await rows.read(id(number), target))) continue;
    expect(target).toEqual(row(number));
    found.push(number);
  }
  return found;
}

function write(rows: KeptRows, numbers: readonly number[]): Promise<void> {
  return rows.write(numbers.map(id), Float32Array.from(numbers.flatMap((number) => [...row(number)])));
}

async function keep(numbers: readonly number[], from = cache, name = key): Promise<void> {
  const rows = await opened(numbers, from, name);
  await write(rows, numbers);
  rows.close();
}

const storages: readonly (readonly [string, () => RowStorage])[] = [
  ['the file system', () => new OpfsRowStorage(new MemoryFolder())],
  ['IndexedDB', () => new IdbRowStorage()],
];

describe.each(storages)('rows in %s', (_, storage) => {
  test('are found again by what they were computed from, with every bit', async () => {
    const here = cacheOf(storage());
    await here.clear();
    const odd = Float32Array.of(-0, 1e-45, Math.PI, -1e38, 3);
    const rows = await opened([1, 2, 3], here);
    await write(rows, [1]);
    await rows.write([id(3)], odd);
    expect(await readable(rows, [1, 2])).toEqual([1]);
    rows.close();
    const again = await opened([1, 2, 3], here);
    expect(await readable(again, [1, 2])).toEqual([1]);
    const target = new Float32Array(width);
    expect(await again.read(id(3), target)).toBe(true);
    expect(new Uint32Array(target.buffer)).toEqual(new Uint32Array(odd.buffer));
    again.close();
  });

  test('belong to one key and one width', async () => {
    const here = cacheOf(storage());
    await here.clear();
    await keep([1, 2], here);
    expect(await readable(await opened([1, 2], here, id(0xdef)), [1, 2])).toEqual([]);
    const wider = await here.open(key, width + 1, [id(1)]);
    expect(await wider?.read(id(1), new Float32Array(width + 1))).toBe(false);
  });

  test('are used by one at a time, and counted and cleared together', async () => {
    const place = storage();
    const here = cacheOf(place);
    await here.clear();
    const rows = await opened([1], here);
    await write(rows, [1]);
    expect(await here.open(key, width, [id(1)])).toBeNull();
    expect(await cacheOf(place).open(key, width, [id(1)])).toBeNull();
    expect(await here.bytes()).toBe(place.bytes(width, 1));
    expect(await cacheOf(place).clear()).toBe(0);
    expect(await here.clear()).toBe(place.bytes(width, 1));
    expect(await here.bytes()).toBe(0);
    // Who still holds the rows computes them from now on.
    expect(await readable(rows, [1])).toEqual([]);
    await write(rows, [1]);
    expect(await here.bytes()).toBe(0);
  });
});

describe('a damaged file', () => {
  const rowBytes = 4 * width;

  test.each([
    [file, rowBytes + 7],
    [index, 36 + 7],
  ])('%s that was cut short is good up to there, and goes on', async (name, cut) => {
    await keep([1, 2, 3]);
    folder.damage(name, (bytes) => bytes.slice(0, -cut));
    const rows = await opened([1, 2, 3]);
    expect(await readable(rows, [1, 2, 3])).toEqual([1]);
    await write(rows, [2]);
    rows.close();
    expect(await readable(await opened([1, 2, 3]), [1, 2, 3])).toEqual([1, 2]);
  });

  test('loses the rows that changed, which can be written again', async () => {
    await keep([1, 2, 3]);
    folder.damage(file, (bytes) => bytes.with(bytes.length - rowBytes - 1, 0x7f));
    const rows = await opened([1, 2, 3]);
    expect(await readable(rows, [1, 2, 3])).toEqual([1, 3]);
    await write(rows, [2]);
    rows.close();
    expect(await readable(await opened([1, 2, 3]), [1, 2, 3])).toEqual([1, 2, 3]);
  });

  test.each([
    ['is blank', () => new Uint8Array(1000)],
    ['is empty', () => new Uint8Array()],
    ['has another header', (bytes: Uint8Array) => bytes.with(2, 'x'.charCodeAt(0))],
  ])('whose index %s holds nothing', async (_, change) => {
    await keep([1]);
    folder.damage(index, change);
    expect(await readable(await opened([1]), [1])).toEqual([]);
  });
});

describe('a full disk', () => {
  test('ends the keeping of rows, not of those that were kept', async () => {
    const rows = await opened([1, 2, 3]);
    await write(rows, [1]);
    folder.capacity = folder.used + 4 * width + 10;
    await write(rows, [2]);
    await write(rows, [3]);
    expect(await readable(rows, [1, 2, 3])).toEqual([1]);
    rows.close();
    folder.capacity = Infinity;
    expect(await readable(await opened([1, 2, 3]), [1, 2, 3])).toEqual([1]);
  });

  test('from the start means that nothing is kept', async () => {
    folder.capacity = 100;
    expect(await cache.open(key, width, [id(1)])).toBeNull();
    expect(folder.files.get(index)?.locked).toBe(false);
  });

  test('gives way to what the user stores, in use or not', async () => {
    await keep([1], cache, id(7));
    const rows = await opened([1]);
    let tries = 0;
    const store = (): Promise<string> => {
      if (++tries === 1) throw new DOMException('full', 'QuotaExceededError');
      return Promise.resolve('stored');
    };
    expect(await withRoom(store, cache)).toBe('stored');
    expect(folder.files.size).toBe(0);
    expect(await readable(rows, [1])).toEqual([]);
    // With nothing left to give, the failure is the user's to hear.
    tries = 0;
    await expect(withRoom(store, cache)).rejects.toThrow('full');
    expect(tries).toBe(1);
  });
});

describe('the budget', () => {
  const needs = (rows: number): number => new OpfsRowStorage(folder).bytes(width, rows);

  test('is a share of what is allowed, and leaves the user the larger part of the rest', () => {
    expect(cacheBudget({ quota: 100, usage: 0 }, 0)).toBe(20);
    expect(cacheBudget({ quota: 100, usage: 80 }, 0)).toBe(10);
    // What caches take themselves is not the user's.
    expect(cacheBudget({ quota: 100, usage: 80 }, 10)).toBe(15);
    expect(cacheBudget({ quota: 100, usage: 120 }, 10)).toBe(0);
    expect(cacheBudget({ quota: 1e15, usage: 0 }, 0)).toBe(16 * 2 ** 30);
  });

  test('refuses what would not fit at all and keeps what is there', async () => {
    await keep([1, 2]);
    const tight = cacheOf(new OpfsRowStorage(folder), 5 * needs(2));
    expect(await tight.open(id(5), width, [1, 2, 3].map(id))).toBeNull();
    expect([...folder.files.keys()]).toEqual([index, file]);
  });

  test('lets the longest unused go first, and never what is in use', async () => {
    const tight = cacheOf(new OpfsRowStorage(folder), 5 * needs(2) * 3);
    for (const name of [1, 2, 3]) await keep([1, 2], tight, id(name));
    // Used again, though written first.
    (await opened([1, 2], tight, id(1))).close();
    const first = await opened([1, 2], tight, id(4));
    const names = (): readonly string[] =>
      [...new Set([...folder.files.keys()].map((name) => name.slice(63, 64)))].toSorted();
    expect(names()).toEqual(['1', '3', '4']);
    const second = await opened([1, 2], tight, id(5));
    expect(names()).toEqual(['1', '4', '5']);
    await opened([1, 2], tight, id(6));
    expect(names()).toEqual(['4', '5', '6']);
    expect(await tight.open(id(7), width, [1, 2].map(id))).toBeNull();
    expect(names()).toEqual(['4', '5', '6']);
    first.close();
    second.close();
  });

  test('drops rows of other data of the same key where both do not fit', async () => {
    const tight = cacheOf(new OpfsRowStorage(folder), 5 * needs(3));
    await keep([1, 2], tight);
    expect(await readable(await opened([3, 4], tight), [1, 2])).toEqual([]);
  });

  test('is nothing where the browser does not tell it', async () => {
    const mute = new FeatureCache(
      () => Promise.resolve([new OpfsRowStorage(folder)]),
      () => Promise.resolve(null),
    );
    expect(await mute.open(key, width, [])).toBeNull();
  });
});
