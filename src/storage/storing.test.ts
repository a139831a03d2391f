import 'fake-indexeddb/auto';
import { afterEach, expect, test, vi } from 'vitest';
import { database } from './db';
import { storing } from './storing';
import { breakOff, leaveNoRoom } from './testing/breaking';

const waits: number[] = [];
const wait = (milliseconds: number): Promise<void> => {
  waits.push(milliseconds);
  return Promise.resolve();
};
const write = (value: string) => storing((db) => db.put('settings', value, 'backend'), wait);
const stored = async () => (await database()).get('settings', 'backend');

afterEach(() => {
  vi.restoreAllMocks();
  waits.length = 0;
});

test('a write that is broken off once or twice is done all the same, after a growing wait', async () => {
  const broken = breakOff(2);
  await write('a');
  expect(broken()).toBe(2);
  expect(await stored()).toBe('a');
  expect(waits).toEqual([200, 400]);
});

test('one that is broken off each time says so in an error that counts as no cancellation, and what was stored stays', async () => {
  await write('a');
  breakOff(Infinity);
  await expect(write('b')).rejects.toMatchObject({
    name: 'StorageError',
    code: 'not-stored',
    message: expect.stringMatching(/broke off storing.*Nothing that was stored before is lost. Try again/) as string,
    cause: expect.objectContaining({ name: 'AbortError' }) as unknown,
  });
  vi.restoreAllMocks();
  expect(await stored()).toBe('a');
});

test('a full disk is not waited for, and is told with what to do', async () => {
  await write('a');
  leaveNoRoom();
  await expect(write('b')).rejects.toMatchObject({
    code: 'storage-full',
    message: expect.stringMatching(/no more room.*Delete datasets, runs or models/) as string,
  });
  expect(waits).toEqual([]);
  vi.restoreAllMocks();
  expect(await stored()).toBe('a');
});

test('an error of the work itself is passed on as it is, without another try', async () => {
  let tries = 0;
  const work = storing(() => {
    tries++;
    return Promise.reject(new RangeError('wrong'));
  }, wait);
  await expect(work).rejects.toBeInstanceOf(RangeError);
  expect(tries).toBe(1);
});
