import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import { recipeSchema } from '../recipe/schema';
import { database } from '../storage/db';
import { pieceBytes } from '../storage/pieces';
import { runName } from './names';
import * as store from './store';
import type { Run } from './types';
import { heldDelta } from './weight-set';

const run = (changes: Partial<Run> = {}): Run => ({
  id: 'r1',
  name: 'amber-otter',
  recipe: recipeSchema.parse({}),
  base: null,
  plan: null,
  dataset: { id: 'd', name: 'shoes', images: 3, train: 1, validation: 1, test: 1, fingerprint: 'f' },
  environment: { backend: 'tfjs-cpu', adapter: null, userAgent: 'test', version: '0' },
  createdAt: 1,
  endedAt: 2,
  state: 'finished',
  message: '',
  totalSteps: 10,
  stepsDone: 10,
  seconds: 1,
  events: [],
  baseline: null,
  evaluations: [],
  bestStep: null,
  weightsStep: null,
  tensors: [],
  predictions: null,
  labels: null,
  scales: null,
  test: null,
  remarks: '',
  tags: [],
  ...changes,
});

const row = (step: number) => ({
  step,
  epoch: 0,
  loss: 1 / step,
  gradNorm: 1,
  learningRate: 0.1,
  extra: { logitScale: 2 },
  imagesPerSecond: 3,
  seconds: step,
});

/** Keeps tensors as a run keeps them: one after the other. */
function keep(changed: Run, tensors: ReadonlyMap<string, Float32Array>): Promise<void> {
  return store.putWeights({ ...changed, tensors: [...tensors.keys()] }, heldDelta(tensors));
}

/** All tensors that the stored run changed. */
async function kept(): Promise<Map<string, Float32Array>> {
  const tensors = new Map<string, Float32Array>();
  const stored = await store.readRun('r1');
  const delta = stored && store.storedDelta(stored);
  for await (const [name, values] of delta?.read() ?? []) tensors.set(name, values);
  return tensors;
}

beforeEach(async () => {
  const db = await database();
  await Promise.all((['runs', 'runMetrics', 'runTensors'] as const).map((name) => db.clear(name)));
  vi.unstubAllGlobals();
});

test('a run from before a field of the recipe existed opens with that field at its default', async () => {
  const { microBatchSize, gradientCheckpointing, mixedPrecision, cachedViews, ...older } = recipeSchema.parse({
    batchSize: 48,
  });
  await (await database()).put('runs', { ...run(), recipe: older }, 'r1');
  const [opened] = (await store.listRuns()).items;
  expect(opened?.recipe).toEqual({ ...older, microBatchSize, gradientCheckpointing, mixedPrecision, cachedViews });
  expect(opened?.recipe).toMatchObject({
    batchSize: 48,
    microBatchSize: 0,
    gradientCheckpointing: false,
    mixedPrecision: false,
    cachedViews: 0,
  });
});

test('runs are listed newest first, and a damaged record beside them, to be deleted', async () => {
  await store.putRun(run());
  await store.putRun(run({ id: 'r2', createdAt: 5 }));
  await (await database()).put('runs', { id: 'r3', name: 'dim-wren', nonsense: true }, 'r3');
  const { items, damaged } = await store.listRuns();
  expect(items.map(({ id }) => id)).toEqual(['r2', 'r1']);
  expect(damaged).toMatchObject([{ id: 'r3', name: 'dim-wren' }]);
  expect(await store.readRun('r3')).toBeNull();
  await store.deleteRun('r3');
  expect((await store.listRuns()).damaged).toEqual([]);
  await store.annotateRun('r1', { name: 'new name' });
  expect((await store.readRun('r1'))?.name).toBe('new name');
});

test('a run whose worker died says so for good, unless it had ended', async () => {
  const locks = { query: () => Promise.resolve({ held: [] }) };
  vi.stubGlobal('navigator', { locks });
  await store.putRun(run({ state: 'running', endedAt: null, weightsStep: 4 }));
  await store.interruptRun('r1', 'The browser ended the background worker');
  expect(await store.readRun('r1')).toMatchObject({
    state: 'interrupted',
    message: 'The browser ended the background worker while the run was training. The weights of step 4 are kept.',
    endedAt: expect.any(Number) as number,
  });
  await store.putRun(run({ message: 'Finished.' }));
  await store.interruptRun('r1', 'The browser ended the background worker');
  await store.interruptRun('unknown', 'The browser ended the background worker');
  expect(await store.readRun('r1')).toMatchObject({ state: 'finished', message: 'Finished.' });
});

test('a run left running is interrupted, without a cause that nobody knows; one that holds its lock is not', async () => {
  await store.putRun(run({ state: 'running', endedAt: null, weightsStep: 4 }));
  vi.stubGlobal('navigator', { locks: { query: () => Promise.resolve({ held: [] }) } });
  const left = await store.readRun('r1');
  expect(left?.state).toBe('interrupted');
  expect(left?.message).toBe(
    'The page was closed, reloaded or crashed while the run was training. The weights of step 4 are kept.',
  );
  vi.stubGlobal('navigator', { locks: { query: () => Promise.resolve({ held: [{ name: 'vernier:training:r1' }] }) } });
  expect((await store.readRun('r1'))?.state).toBe('running');
  for (const change of [store.deleteRun('r1'), store.annotateRun('r1', { name: 'other' })]) {
    await expect(change).rejects.toMatchObject({ code: 'busy' });
  }
  expect((await store.readRun('r1'))?.name).toBe('amber-otter');
});

test('a field of a record of version 1 can be changed without touching the others', async () => {
  const { base, plan, ...older } = run();
  expect([base, plan]).toEqual([null, null]);
  const record = { ...older, recipe: { ...older.recipe, learningRate: 7 } };
  await (await database()).put('runs', record, 'r1');
  await store.annotateRun('r1', { name: 'new name' });
  expect(await (await database()).get('runs', 'r1')).toEqual({ ...record, name: 'new name' });
});

test('what was in which split is kept beside the run, and goes with it', async () => {
  await store.putRun(run());
  expect(await store.readRunData('r1')).toBeNull();
  const data = { train: ['a', 'b'], validation: ['c'], test: [] };
  await store.putRunData('r1', data);
  expect(await store.readRunData('r1')).toEqual(data);
  await store.deleteRun('r1');
  expect(await store.readRunData('r1')).toBeNull();
});

test('metric chunks come back as one list in order, and belong to their run', async () => {
  await store.putMetrics('r1', [row(11), row(12)]);
  await store.putMetrics('r1', [row(1), row(2)]);
  await store.putMetrics('r1', [row(1), row(2), row(3)]);
  await store.putMetrics('r2', [row(7)]);
  const { rows, damaged } = await store.readMetrics('r1');
  expect(rows.map(({ step }) => step)).toEqual([1, 2, 3, 11, 12]);
  expect(damaged).toBe(false);
  await (await database()).put('runMetrics', 'torn', ['r1', 11]);
  const torn = await store.readMetrics('r1');
  expect(torn.rows.map(({ step }) => step)).toEqual([1, 2, 3]);
  expect(torn.damaged).toBe(true);
});

test('weights come back exactly, and a later save replaces the earlier', async () => {
  const first = new Map([
    ['a.weight', Float32Array.of(1, 2, 3)],
    ['a.weight.more', Float32Array.of(9)],
  ]);
  await keep(run({ weightsStep: 5 }), first);
  const stored = await store.readRun('r1');
  expect(stored?.tensors).toEqual(['a.weight', 'a.weight.more']);
  expect(await kept()).toEqual(first);
  await keep(run({ weightsStep: 8 }), new Map([['a.weight', Float32Array.of(4, 5, 6)]]));
  const later = await store.readRun('r1');
  expect(later?.weightsStep).toBe(8);
  expect((await kept()).get('a.weight')).toEqual(Float32Array.of(4, 5, 6));
  expect(await store.weightBytes('r1')).toBe(12);
});

test('of the tensors that a run changed those that are asked for are read, in that order', async () => {
  const tensors = new Map(['a', 'b', 'c'].map((name, index) => [name, Float32Array.of(index)]));
  await keep(run({ weightsStep: 5 }), tensors);
  const delta = store.storedDelta((await store.readRun('r1')) as Run);
  expect(delta?.names).toEqual(['a', 'b', 'c']);
  const read = [];
  for await (const tensor of delta?.read(['c', 'a']) ?? []) read.push(tensor);
  expect(read).toEqual([
    ['c', Float32Array.of(2)],
    ['a', Float32Array.of(0)],
  ]);
});

test('a tensor over the piece size survives the round trip', async () => {
  const large = new Float32Array(pieceBytes / 4 + 3).map((_, i) => i % 1000);
  await keep(run({ weightsStep: 1 }), new Map([['table', large]]));
  const keys = await (await database()).getAllKeys('runTensors');
  expect(keys).toHaveLength(2);
  const back = await kept();
  expect(back.get('table')?.length).toBe(large.length);
  expect(back.get('table')?.at(-1)).toBe(large.at(-1));
});

test('when there is no room for new weights the old ones stay readable', async () => {
  await keep(run({ weightsStep: 5 }), new Map([['a', Float32Array.of(1)]]));
  const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementationOnce(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  const later = keep(run({ weightsStep: 9 }), new Map([['a', Float32Array.of(2)]]));
  await expect(later).rejects.toThrow('full');
  full.mockRestore();
  expect((await store.readRun('r1'))?.weightsStep).toBe(5);
  expect(await kept()).toEqual(new Map([['a', Float32Array.of(1)]]));
});

test('weights that cannot be read to their end leave the old ones, and no piece of their own', async () => {
  await keep(run({ weightsStep: 5 }), new Map([['a', Float32Array.of(1)]]));
  const names = ['a', 'b'];
  const torn = store.putWeights(run({ weightsStep: 9, tensors: names }), {
    names,
    async *read() {
      yield ['a', await Promise.resolve(Float32Array.of(2))] as const;
      throw new Error('The device is gone.');
    },
  });
  await expect(torn).rejects.toThrow('The device is gone.');
  expect(await (await database()).getAllKeys('runTensors')).toEqual(['r1/5/a#00000']);
  expect((await store.readRun('r1'))?.weightsStep).toBe(5);
});

test('weights of step 0 are those of the base model: none is stored', async () => {
  await keep(run({ weightsStep: 5 }), new Map([['a', Float32Array.of(1)]]));
  await keep(run({ bestStep: 0, weightsStep: 0 }), new Map());
  expect(await store.weightBytes('r1')).toBe(0);
  const stored = (await store.readRun('r1')) as Run;
  expect(store.storedDelta(stored)).toBeNull();
});

test('a lost piece is an error, not a wrong model', async () => {
  await keep(run({ weightsStep: 5 }), new Map([['a', Float32Array.of(1)]]));
  await (await database()).clear('runTensors');
  await expect(kept()).rejects.toThrow('"a" is missing');
});

test('deleting removes record, metrics and tensors', async () => {
  await keep(run({ weightsStep: 5 }), new Map([['a', Float32Array.of(1)]]));
  await store.putMetrics('r1', [row(1)]);
  await store.deleteRun('r1');
  expect((await store.listRuns()).items).toEqual([]);
  expect((await store.readMetrics('r1')).rows).toEqual([]);
  expect(await store.weightBytes('r1')).toBe(0);
});

test('run names are two words, and never taken', () => {
  const fixed = (): number => 0;
  const name = runName(new Set(), fixed);
  expect(name).toMatch(/^[a-z]+-[a-z]+$/);
  expect(runName(new Set([name]), fixed)).toBe(`${name}-2`);
  expect(runName(new Set([name, `${name}-2`]), fixed)).toBe(`${name}-3`);
});

test('what the user says about a run is kept beside all else, and what cannot be read of it is nothing', async () => {
  await store.putRun(run({ message: 'as it was' }));
  await store.annotateRun('r1', { remarks: 'good on cats' });
  await store.annotateRun('r1', { tags: ['cats'] });
  await store.annotateRun('unknown', { tags: ['cats'] });
  expect(await store.readRun('r1')).toMatchObject({ remarks: 'good on cats', tags: ['cats'], message: 'as it was' });
  const db = await database();
  await db.put('runs', { ...((await db.get('runs', 'r1')) as object), remarks: 7, tags: 'cats', since: [] }, 'r1');
  expect(await store.readRun('r1')).toMatchObject({ remarks: '', tags: [], since: undefined, notes: [] });
});
