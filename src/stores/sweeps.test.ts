import { IDBFactory } from 'fake-indexeddb';
import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Run } from '../runs/types';
import { metricsOf, runOf } from '../training/testing/fakes';
import { breakOff, withoutWaits } from '../storage/testing/breaking';
import { asha, sweepOf } from '../sweeps/testing';
import type { Sweep, SweepPlan } from '../sweeps/types';

const { client } = vi.hoisted(() => ({
  client: { request: vi.fn(), onEvent: vi.fn(() => () => undefined), crashed: vi.fn(() => () => undefined) },
}));
vi.mock('./client', () => ({ client }));

/** What the storage holds of runs, and which of them have a checkpoint. */
const stored = vi.hoisted(() => ({ runs: new Map<string, unknown>(), checkpoints: new Set<string>() }));
vi.mock('../runs/store', () => ({
  listRuns: () => Promise.resolve({ items: [...stored.runs.values()], damaged: [] }),
  readRun: (id: string) => Promise.resolve(stored.runs.get(id) ?? null),
  deleteRun: (id: string) => Promise.resolve(stored.runs.delete(id)),
}));
vi.mock('../runs/checkpoint-list', () => ({
  newestCheckpoints: () => Promise.resolve(new Map()),
  checkpointSteps: (id: string) => Promise.resolve(stored.checkpoints.has(id) ? [10] : []),
}));

/** The fresh modules of a page that has just been opened. */
let page: Awaited<ReturnType<typeof modules>>;
let begun: { readonly runId: string; readonly learningRate: number; readonly until: number; readonly again: boolean }[];

async function modules() {
  vi.resetModules();
  const [{ useRunStore }, { useSweeps }] = [await import('./run'), await import('./sweeps')];
  return { useRunStore, useSweeps };
}

async function open(): Promise<void> {
  page = await modules();
  const { useRunStore, useSweeps } = page;
  const active = (runId: string) =>
    useRunStore.setState({ active: { runId } as never, live: { runId, end: null } as never });
  useRunStore.setState({
    start: (recipe, _, trial) => {
      const { runId, sweep, until } = trial ?? { runId: '', sweep: { id: '', trial: 1 }, until: 1 };
      begun.push({ runId, learningRate: recipe.learningRate, until, again: false });
      stored.runs.set(runId, runOf(recipe, { id: runId, sweep }));
      active(runId);
      return runId;
    },
    goOn: (runId, _, until = 1) => {
      const run = stored.runs.get(runId) as Run;
      begun.push({ runId, learningRate: run.recipe.learningRate, until, again: true });
      active(runId);
      return Promise.resolve();
    },
  });
  await useSweeps.getState().refresh();
}

/** Ends the run in progress. */
async function end(change: Partial<Run>, reason: 'finished' | 'stopped' | 'failed' = 'finished'): Promise<void> {
  const { runId } = begun.at(-1) ?? { runId: '' };
  const before = begun.length;
  const run = stored.runs.get(runId) as Run;
  if (reason === 'failed') stored.runs.delete(runId);
  else stored.runs.set(runId, { ...run, state: reason, seconds: 4, totalSteps: 90, stepsDone: 90, ...change });
  page.useRunStore.setState({
    active: null,
    live: { runId, end: { reason, message: change.message ?? '', bestStep: null } } as never,
  });
  await vi.waitFor(() => expect(begun.length > before || page.useSweeps.getState().driven === null).toBe(true));
}

const evaluated = (accuracy: number): Partial<Run> => ({
  evaluations: [{ step: 10, seconds: 1, metrics: { ...metricsOf(accuracy), accuracy }, change: null }],
  bestStep: 10,
});

function plan(change: Partial<Sweep> = {}): SweepPlan {
  const { name, dataset, recipe, fields, method, budget, objective, stopWeak, seed } = sweepOf(change);
  return { name, dataset, recipe, fields, method, budget, objective, stopWeak, seed };
}

const only = (): Sweep => page.useSweeps.getState().sweeps?.[0] as Sweep;

beforeEach(async () => {
  globalThis.indexedDB = new IDBFactory();
  stored.runs.clear();
  stored.checkpoints.clear();
  begun = [];
  vi.stubGlobal('document', { visibilityState: 'visible' });
  vi.stubGlobal('navigator', {});
  await open();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

test('trials begin one after the other, a failed one among them, and the sweep ends with its budget', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 3 } }));
  expect(begun).toHaveLength(1);
  await end(evaluated(0.4));
  await end({ message: 'Out of memory.' }, 'failed');
  await end(evaluated(0.6));
  expect(begun).toHaveLength(3);
  expect(new Set(begun.map(({ learningRate }) => learningRate)).size).toBe(3);
  expect(only()).toMatchObject({ state: 'ended', measuredBy: 'accuracy', message: 'All 3 trials have ended.' });
  expect(only().trials.map(({ state, message, scores }) => [state, message, scores[0]?.value])).toEqual([
    ['finished', '', 0.4],
    ['failed', 'Out of memory.', undefined],
    ['finished', '', 0.6],
  ]);
});

test('a sweep that storage does not take goes on in memory, says so, and is stored later', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 2 } }));
  breakOff(Infinity);
  withoutWaits();
  await end(evaluated(0.4));
  expect(page.useSweeps.getState().problem).toMatch(/broke off storing.*is in memory and lasts as long as this tab/);
  await end(evaluated(0.6));
  expect(only().trials.map(({ scores }) => scores[0]?.value)).toEqual([0.4, 0.6]);
  await page.useSweeps.getState().refresh();
  expect(only().state).toBe('ended');
  vi.restoreAllMocks();
  await page.useSweeps.getState().refresh();
  expect(page.useSweeps.getState().problem).toBeNull();
  await open();
  expect(only()).toMatchObject({ state: 'ended', trials: [{ state: 'finished' }, { state: 'finished' }] });
});

test('after a reload the interrupted trial goes on from its checkpoint, and the rest follows as it would have', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 2 } }));
  await end(evaluated(0.4));
  const [, second] = begun;
  const whole = begun.map(({ learningRate }) => learningRate);
  stored.checkpoints.add(second?.runId ?? '');
  stored.runs.set(second?.runId ?? '', { ...(stored.runs.get(second?.runId ?? '') as Run), state: 'interrupted' });
  begun = [];
  await open();
  expect(only()).toMatchObject({ state: 'running' });
  expect(begun).toEqual([]);
  await page.useSweeps.getState().goOn('nothing');
  await page.useSweeps.getState().goOn(only().id);
  expect(begun).toEqual([{ ...second, again: true }]);
  await end(evaluated(0.5));
  expect(only().trials.map(({ values }) => values['learningRate'])).toEqual(whole);
  expect(only().state).toBe('ended');
});

test('without a checkpoint it begins anew with the same values, and what was left of it goes', async () => {
  await page.useSweeps.getState().start(plan());
  const [first] = begun;
  stored.runs.set(first?.runId ?? '', { ...(stored.runs.get(first?.runId ?? '') as Run), state: 'interrupted' });
  await open();
  await page.useSweeps.getState().goOn(only().id);
  const [, again] = begun;
  expect(again).toMatchObject({ learningRate: first?.learningRate, again: false });
  expect(again?.runId).not.toBe(first?.runId);
  expect([...stored.runs.keys()]).toEqual([again?.runId]);
});

test('a trial that had ended unheard is taken as it ended', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 2 } }));
  const { runId = '' } = begun[0] ?? {};
  stored.runs.set(runId, { ...(stored.runs.get(runId) as Run), state: 'finished', ...evaluated(0.7) });
  await open();
  await page.useSweeps.getState().goOn(only().id);
  expect(only().trials[0]).toMatchObject({ state: 'finished', scores: [{ step: 10, value: 0.7 }] });
  expect(begun).toHaveLength(2);
});

test('halving goes on with the best from their checkpoints, each to its next rung', async () => {
  await page.useSweeps.getState().start(plan({ method: asha, budget: { unit: 'runs', amount: 3 } }));
  for (const accuracy of [0.4, 0.6, 0.5]) {
    stored.checkpoints.add(begun.at(-1)?.runId ?? '');
    await end({ ...evaluated(accuracy), stepsDone: 10 }, 'stopped');
  }
  expect(begun.map(({ until, again }) => [until, again])).toEqual([
    [1 / 9, false],
    [1 / 9, false],
    [1 / 9, false],
    [1 / 3, true],
  ]);
  expect(begun[3]?.runId).toBe(begun[1]?.runId);
  await end({ ...evaluated(0.7), stepsDone: 30 }, 'stopped');
  expect(only().trials.map(({ state, scores }) => [state, scores.map(({ value }) => value)])).toEqual([
    ['waiting', [0.4]],
    ['waiting', [0.6, 0.7]],
    ['waiting', [0.5]],
  ]);
  expect(only().state).toBe('ended');
});

test('a sweep that is held begins no further trial, and goes on when it is told to', async () => {
  await page.useSweeps.getState().start(plan());
  await page.useSweeps.getState().hold(only().id);
  await end(evaluated(0.4));
  expect(only()).toMatchObject({ state: 'held' });
  expect(begun).toHaveLength(1);
  await page.useSweeps.getState().goOn(only().id);
  expect(begun).toHaveLength(2);
});

test('when nothing can begin for one and the same reason, the sweep is held instead of failing to its end', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'minutes', amount: 5 } }));
  for (let trial = 0; trial < 3; trial++) await end({ message: 'The dataset is gone.' }, 'failed');
  expect(only()).toMatchObject({ state: 'held' });
  expect(only().message).toBe('3 trials in a row could not begin. The dataset is gone.');
  expect(begun).toHaveLength(3);
});

test('a sweep is removed without its runs', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 1 } }));
  await end(evaluated(0.4));
  await page.useSweeps.getState().remove(only().id);
  expect(page.useSweeps.getState().sweeps).toEqual([]);
  await open();
  expect(page.useSweeps.getState().sweeps).toEqual([]);
  expect(stored.runs.size).toBe(1);
});

test('a sweep keeps its new name, also while its trials go on', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 2 } }));
  await page.useSweeps.getState().rename(only().id, 'Rates that hold');
  await end(evaluated(0.4));
  await end(evaluated(0.5));
  expect(only()).toMatchObject({ name: 'Rates that hold', state: 'ended' });
  await open();
  expect(only()).toMatchObject({ name: 'Rates that hold' });
});

test('a trial that does worse than half of the earlier ones is stopped, where that is wanted', async () => {
  const stop = vi.fn(() => Promise.resolve());
  page.useRunStore.setState({ stop });
  await page.useSweeps.getState().start(plan({ stopWeak: true, budget: { unit: 'runs', amount: 6 } }));
  for (const accuracy of [0.4, 0.5, 0.6, 0.7]) {
    await end({ ...evaluated(accuracy), totalSteps: 20 });
    await page.useRunStore.getState().refresh();
  }
  const { runId = '' } = begun.at(-1) ?? {};
  const evaluations = (accuracy: number) => ({ ...evaluated(accuracy), totalSteps: 20, runId, end: null }) as never;
  page.useRunStore.setState({ live: evaluations(0.6) });
  expect(stop).not.toHaveBeenCalled();
  page.useRunStore.setState({ live: evaluations(0.5) });
  page.useRunStore.setState({ live: evaluations(0.5) });
  expect(stop).toHaveBeenCalledOnce();
  await end({ ...evaluated(0.5), totalSteps: 90, stepsDone: 10 }, 'stopped');
  expect(only().trials[4]).toMatchObject({ state: 'stopped', message: expect.stringContaining('weak') as string });
  expect(begun).toHaveLength(6);
});

test('a sweep that has ended goes on when it is given more', async () => {
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 1 } }));
  await end(evaluated(0.4));
  expect(only()).toMatchObject({ state: 'ended' });
  await page.useSweeps.getState().extend(only().id, 1);
  expect(begun).toHaveLength(2);
  await end(evaluated(0.5));
  expect(only()).toMatchObject({ state: 'ended', budget: { unit: 'runs', amount: 2 } });
});

/** Web Locks of one browser, as far as sweeps and runs use them. */
function locksOf() {
  const held = new Map<string, Promise<unknown>>();
  async function request<T>(name: string, options: LockOptions, work: (lock: object | null) => Promise<T>): Promise<T> {
    if (held.has(name) && options.ifAvailable === true) return work(null);
    while (held.has(name)) await held.get(name);
    const done = work({ name });
    const free = done.finally(() => held.delete(name));
    held.set(name, free);
    return free;
  }
  return {
    query: () => Promise.resolve({ held: [...held.keys()].map((name) => ({ name })) }),
    request: <T>(name: string, ...rest: [LockOptions, (lock: object | null) => Promise<T>] | [() => Promise<T>]) =>
      rest.length === 1 ? request(name, {}, rest[0]) : request(name, ...rest),
  };
}

test('a second tab watches, and can go on once the first has let go', async () => {
  vi.stubGlobal('navigator', { locks: locksOf() });
  await open();
  await page.useSweeps.getState().start(plan({ budget: { unit: 'runs', amount: 2 } }));
  const { id } = only();
  const first = page;
  await open();
  const second = page;
  expect([...second.useSweeps.getState().elsewhere]).toEqual([id]);
  await second.useSweeps.getState().goOn(id);
  expect(second.useSweeps.getState().problem).toContain('Another tab');
  await second.useSweeps.getState().rename(id, 'Written over');
  expect(second.useSweeps.getState().problem).toContain('renamed there');
  expect(begun).toHaveLength(1);
  await first.useSweeps.getState().hold(id);
  page = first;
  await end(evaluated(0.4));
  await vi.waitFor(() => expect(second.useSweeps.getState().elsewhere.size).toBe(0));
  await vi.waitFor(() => expect(second.useSweeps.getState().sweeps?.[0]?.state).toBe('held'));
  await second.useSweeps.getState().goOn(id);
  expect(second.useSweeps.getState()).toMatchObject({ driven: id, problem: null });
  expect(begun).toHaveLength(2);
});
