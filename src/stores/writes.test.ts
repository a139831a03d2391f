import 'fake-indexeddb/auto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { IDBFactory } from 'fake-indexeddb';
import { defaultRecipe } from '../recipe/fields';
import { sweepOf } from '../sweeps/testing';
import { runOf } from '../training/testing/fakes';
import type * as Breaking from '../storage/testing/breaking';

/**
 * Every kind of thing that is written outside of datasets and of a run in progress: a transaction that the browser breaks off is tried again, and what
 * it breaks off each time, or has no room for, ends in words and leaves what was stored.
 */

/** The modules of a page that has just been opened, over a browser that holds nothing. */
async function page() {
  vi.resetModules();
  globalThis.indexedDB = new IDBFactory();
  const [runs, branch, checkpoints, sweeps, models, local, db] = await Promise.all([
    import('../runs/store'),
    import('../runs/branch'),
    import('../runs/checkpoints'),
    import('../sweeps/store'),
    import('../storage/model-files'),
    import('../training/services/local-models'),
    import('../storage/db'),
  ]);
  return { ...runs, ...branch, ...checkpoints, ...sweeps, ...models, ...local, ...db };
}
type Page = Awaited<ReturnType<typeof page>>;

interface Kind {
  readonly name: string;
  readonly before?: (page: Page) => Promise<unknown>;
  readonly write: (page: Page) => Promise<unknown>;
  /** It only removes, for which there is always room. */
  readonly removes?: boolean;
}

const run = { ...runOf(defaultRecipe), id: 'r', state: 'finished' as const, weightsStep: 4 };
const checkpoint = (step: number) => ({
  step,
  state: {},
  weights: new Map([['w', Float32Array.of(step)]]),
  trainer: new Map(),
});
const bytes = Uint8Array.of(1, 2, 3);

const kinds: readonly Kind[] = [
  {
    name: 'words about a run',
    before: (p) => p.putRun(run),
    write: (p) => p.annotateRun('r', { remarks: 'good', tags: ['a'] }),
  },
  {
    name: 'how a run was interrupted',
    before: (p) => p.putRun({ ...run, state: 'running' }),
    write: (p) => p.interruptRun('r', 'It died'),
  },
  {
    name: 'the result on test pictures',
    before: (p) => p.putRun(run),
    write: (p) => p.putRobustness('r', { step: 4, strength: 'usual', rows: [] } as never),
  },
  { name: 'the removal of a run', before: (p) => p.putRun(run), write: (p) => p.deleteRun('r'), removes: true },
  {
    name: 'the removal of checkpoints',
    before: (p) => p.putCheckpoint('r', checkpoint(4)),
    write: (p) => p.deleteCheckpoints('r'),
    removes: true,
  },
  {
    name: 'the removal of later checkpoints',
    before: (p) => p.putCheckpoint('r', checkpoint(4)),
    write: (p) => p.dropCheckpointsAfter('r', 2),
    removes: true,
  },
  {
    name: 'a run that branches off',
    before: async (p) => {
      await p.putRun({ ...run, weightsStep: null });
      await p.putCheckpoint('r', checkpoint(4));
    },
    write: (p) => p.branchRun('r', { id: 'copy', name: 'blue-heron' }),
  },
  { name: 'a sweep', before: (p) => p.putSweep(sweepOf({})), write: (p) => p.putSweep(sweepOf({ name: 'other' })) },
  {
    name: 'the removal of a sweep',
    before: (p) => p.putSweep(sweepOf({})),
    write: (p) => p.deleteSweep(sweepOf({}).id),
    removes: true,
  },
  { name: 'a file of a model', write: (p) => p.putModelFile('m', 'config.json', bytes) },
  {
    name: 'the removal of a model',
    before: (p) => p.putModelFile('m', 'config.json', bytes),
    write: (p) => p.deleteModel('m'),
    removes: true,
  },
  { name: 'an imported model', write: (p) => p.storeLocalModel('shoes', new Map([['config.json', bytes]])) },
];

/** All that is stored, as it is compared. */
async function everything({ database }: Page): Promise<Record<string, unknown>> {
  const db = await database();
  const stores = await Promise.all(
    [...db.objectStoreNames].map(async (store) => [store, await db.getAllKeys(store), await db.getAll(store)] as const),
  );
  return Object.fromEntries(stores.map(([store, keys, values]) => [store, { keys, values }]));
}

describe.each(kinds)('$name', ({ before, write, removes = false }) => {
  let opened: Page;
  let breaking: typeof Breaking;

  beforeEach(async () => {
    vi.setSystemTime(1_000_000);
    opened = await page();
    breaking = await import('../storage/testing/breaking');
    breaking.withoutWaits();
    await before?.(opened);
  });

  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  test('is done where the browser breaks it off once', async () => {
    await write(opened);
    const straight = await everything(opened);
    opened = await page();
    await before?.(opened);
    const broken = breaking.breakOff(1);
    await write(opened);
    expect(broken()).toBe(1);
    expect(await everything(opened)).toEqual(straight);
  });

  test('says so where the browser breaks it off each time, and leaves what was stored', async () => {
    const stored = await everything(opened);
    breaking.breakOff(Infinity);
    await expect(write(opened)).rejects.toMatchObject({ name: 'StorageError', code: 'not-stored' });
    vi.restoreAllMocks();
    expect(await everything(opened)).toEqual(stored);
  });

  if (removes) return;
  test('says so where there is no room, and leaves what was stored', async () => {
    const stored = await everything(opened);
    breaking.leaveNoRoom();
    await expect(write(opened)).rejects.toMatchObject({ name: 'StorageError', code: 'storage-full' });
    vi.restoreAllMocks();
    expect(await everything(opened)).toEqual(stored);
  });
});
