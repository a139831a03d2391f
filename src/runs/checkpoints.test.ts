import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { pieceBytes } from '../storage/pieces';
import type { Database } from '../storage/db';
import type * as List from './checkpoint-list';
import type * as Module from './checkpoints';

let checkpoints: typeof Module;
let list: typeof List;
let db: Database;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  vi.resetModules();
  checkpoints = await import('./checkpoints');
  list = await import('./checkpoint-list');
  db = await (await import('../storage/db')).database();
});

const made = (step: number, changes: Partial<Module.Checkpoint> = {}): Module.Checkpoint => ({
  step,
  state: { step, seconds: 2 },
  weights: new Map([
    ['a', Float32Array.of(step, -0, 1e-40)],
    ['b', Float32Array.of(7)],
  ]),
  trainer: new Map([['a.exp_avg', Float32Array.of(1, 2, step)]]),
  ...changes,
});

test('a checkpoint comes back bit by bit', async () => {
  expect(await checkpoints.putCheckpoint('r', made(3))).toBe(true);
  expect(await checkpoints.readCheckpoint('r')).toEqual({ checkpoint: made(3), damaged: [] });
  expect(await checkpoints.readCheckpoint('other')).toEqual({ checkpoint: null, damaged: [] });
});

test('a large one lies in pieces', async () => {
  const large = Float32Array.from({ length: pieceBytes / 4 + 10 }, (_, i) => i % 977);
  const weights = new Map([
    ['small', Float32Array.of(1, 2, 3)],
    ['large', large],
  ]);
  await checkpoints.putCheckpoint('r', made(3, { weights }));
  expect(await db.count('checkpointPieces')).toBe(2);
  const { checkpoint: read } = await checkpoints.readCheckpoint('r');
  expect(read?.weights.get('small')).toEqual(weights.get('small'));
  const readLarge = read?.weights.get('large') ?? new Float32Array();
  expect(Buffer.from(readLarge.slice().buffer).equals(Buffer.from(large.buffer))).toBe(true);
});

test('two are kept of each run', async () => {
  for (const step of [3, 6, 9, 12]) await checkpoints.putCheckpoint('r', made(step));
  await checkpoints.putCheckpoint('r-2', made(1));
  expect(await list.checkpointSteps('r')).toEqual([12, 9]);
  expect(await list.newestCheckpoints()).toEqual(
    new Map([
      ['r', 12],
      ['r-2', 1],
    ]),
  );
  expect(await db.count('checkpointPieces')).toBe(3);
});

test.each([
  ['is missing', (key: string) => db.delete('checkpointPieces', key)],
  ['was changed', (key: string) => db.put('checkpointPieces', new ArrayBuffer(28), key)],
  ['is too long', (key: string) => db.put('checkpointPieces', new ArrayBuffer(64), key)],
])('where a piece %s, the one before serves', async (_, damage) => {
  await checkpoints.putCheckpoint('r', made(3));
  await checkpoints.putCheckpoint('r', made(6));
  const keys = await db.getAllKeys('checkpointPieces');
  await damage(keys.at(-1) ?? '');
  expect(await checkpoints.readCheckpoint('r')).toEqual({ checkpoint: made(3), damaged: [6] });
  expect(await list.checkpointSteps('r')).toEqual([3]);
});

test('a manifest that cannot be read counts as none', async () => {
  await checkpoints.putCheckpoint('r', made(3));
  const [key = ''] = await db.getAllKeys('checkpoints');
  await db.put('checkpoints', { version: 2 }, key);
  expect(await checkpoints.readCheckpoint('r')).toEqual({ checkpoint: null, damaged: [3] });
});

test('one whose state its owner does not understand counts as damaged', async () => {
  await checkpoints.putCheckpoint('r', made(3));
  await checkpoints.putCheckpoint('r', made(6, { state: 'of another age' }));
  const found = await checkpoints.readCheckpoint('r', (state) => state !== 'of another age');
  expect(found).toEqual({ checkpoint: made(3), damaged: [6] });
});

test('a write that breaks off leaves what was there', async () => {
  await checkpoints.putCheckpoint('r', made(3));
  const put = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  await expect(checkpoints.putCheckpoint('r', made(6))).rejects.toMatchObject({ name: 'QuotaExceededError' });
  put.mockRestore();
  expect(await checkpoints.readCheckpoint('r')).toEqual({ checkpoint: made(3), damaged: [] });
  expect(await db.count('checkpointPieces')).toBe(1);
});

test('numbers that are not finite are neither written nor read', async () => {
  const spoiled = made(6, { trainer: new Map([['a.exp_avg', Float32Array.of(1, NaN)]]) });
  await checkpoints.putCheckpoint('r', made(3));
  expect(await checkpoints.putCheckpoint('r', spoiled)).toBe(false);
  expect(await list.checkpointSteps('r')).toEqual([3]);
});

test('checkpoints behind a step, of a run, and of all other runs can go', async () => {
  for (const run of ['r', 's', 't']) for (const step of [3, 6]) await checkpoints.putCheckpoint(run, made(step));
  await checkpoints.dropCheckpointsAfter('r', 3);
  expect(await list.checkpointSteps('r')).toEqual([3]);
  await checkpoints.deleteCheckpoints('s');
  expect([...(await list.newestCheckpoints()).keys()]).toEqual(['r', 't']);
  expect(await checkpoints.clearCheckpoints(new Set(['r']))).toBe(1);
  expect(await db.count('checkpointPieces')).toBe(1);
});
