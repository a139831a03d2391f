import { beforeEach, expect, test, vi } from 'vitest';
import { defaultRecipe, withFields } from '../recipe/fields';
import type * as Runs from './run';
import type { RunQueue } from './runQueue';

const { client } = vi.hoisted(() => ({
  client: { request: vi.fn(), onEvent: vi.fn(() => () => undefined), crashed: vi.fn(() => () => undefined) },
}));
vi.mock('./client', () => ({ client }));
vi.mock('../runs/store', () => ({ listRuns: () => Promise.resolve({ items: [], damaged: [] }) }));
vi.mock('../runs/checkpoint-list', () => ({ newestCheckpoints: () => Promise.resolve(new Map()) }));
const locks = vi.hoisted(() => ({ runsInProgress: vi.fn(), runOver: vi.fn() }));
vi.mock('../runs/lock', () => locks);

/** What the browser keeps, and how one tab hears that another has changed it. */
const kept = new Map<string, string>();
let heard: (event: { readonly key: string }) => void = () => undefined;
vi.stubGlobal('localStorage', {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => void kept.set(key, value),
});
vi.stubGlobal('addEventListener', (_: string, listener: typeof heard) => (heard = listener));

/** The queue as a tab has it that was just opened. */
async function openTab(): Promise<{
  readonly queue: () => RunQueue;
  readonly runs: typeof Runs.useRunStore;
}> {
  vi.resetModules();
  const [{ useRunStore }, { useRunQueue }] = await Promise.all([import('./run'), import('./runQueue')]);
  useRunStore.setState({ start });
  return { queue: useRunQueue.getState, runs: useRunStore };
}
type Tab = Awaited<ReturnType<typeof openTab>>;

const start = vi.fn();
const queued = (datasetId: string) => ({ recipe: defaultRecipe, datasetId, datasetName: datasetId });
const waiting = ({ queue }: Tab): readonly string[] => queue().items.map(({ datasetId }) => datasetId);
const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
const running = { active: { runId: 'r' } as never };

beforeEach(() => {
  start.mockReset();
  kept.clear();
  locks.runsInProgress.mockResolvedValue(new Set());
});

async function tabWith(...ids: readonly string[]): Promise<Tab> {
  const tab = await openTab();
  for (const id of ids) tab.queue().add(queued(id));
  return tab;
}

test('the next run begins when one has ended, and in the order of adding', async () => {
  const tab = await openTab();
  tab.runs.setState(running);
  for (const id of ['a', 'b']) tab.queue().add(queued(id));
  await tab.queue().startNext();
  expect(start).not.toHaveBeenCalled();
  tab.runs.setState({ active: null });
  await turn();
  expect(start).toHaveBeenCalledExactlyOnceWith(defaultRecipe, 'a');
  expect(waiting(tab)).toEqual(['b']);
});

test('a run that was lost and goes on by itself holds the queue, one that is lost for good does not', async () => {
  const tab = await tabWith('a');
  tab.runs.setState(running);
  tab.runs.setState({ active: null });
  // The store of runs says so a moment later.
  tab.runs.setState({ restart: { runId: 'r', step: 1, seconds: 1 } });
  await turn();
  expect(start).not.toHaveBeenCalled();
  tab.runs.setState({ ...running, restart: null });
  tab.runs.setState({ active: null });
  await turn();
  expect(start).toHaveBeenCalledExactlyOnceWith(defaultRecipe, 'a');
});

test('a run that is discarded makes way once it is gone', async () => {
  const tab = await tabWith('a');
  tab.runs.setState({ ...running, discarding: 'r' });
  tab.runs.setState({ active: null });
  await turn();
  expect(start).not.toHaveBeenCalled();
  tab.runs.setState({ discarding: null });
  await turn();
  expect(start).toHaveBeenCalledOnce();
});

test('what waits is there after a reload, in its order, and is started by hand', async () => {
  const before = await openTab();
  before.queue().add({ ...queued('a'), recipe: withFields(defaultRecipe, { learningRate: 1e-5 }) });
  for (const id of ['b', 'c', 'd']) before.queue().add(queued(id));
  const [a, b, c] = before.queue().items.map(({ id }) => id);
  before.queue().move(c ?? '', -1);
  before.queue().move(a ?? '', -1);
  before.queue().remove(b ?? '');
  const tab = await openTab();
  expect(waiting(tab)).toEqual(['a', 'c', 'd']);
  await turn();
  expect(start).not.toHaveBeenCalled();
  await tab.queue().startNext();
  expect(start).toHaveBeenCalledExactlyOnceWith(withFields(defaultRecipe, { learningRate: 1e-5 }), 'a');
  expect(waiting(await openTab())).toEqual(['c', 'd']);
});

test('tabs have one queue, and none of its runs begins twice', async () => {
  const one = await tabWith('a', 'b');
  const other = await openTab();
  await one.queue().startNext();
  expect(waiting(other)).toEqual(['a', 'b']);
  heard({ key: 'vernier-queue' });
  expect(waiting(other)).toEqual(['b']);
  // It has not heard of what the first tab does next.
  await one.queue().startNext();
  await other.queue().startNext();
  expect(start.mock.calls.map(([, id]: readonly unknown[]) => id)).toEqual(['a', 'b']);
});

test('while another tab trains, the next run waits for its end', async () => {
  const tab = await tabWith('a');
  let over = (): void => undefined;
  locks.runsInProgress.mockResolvedValueOnce(new Set(['theirs']));
  locks.runOver.mockImplementationOnce(() => new Promise<void>((resolve) => (over = resolve)));
  const started = tab.queue().startNext();
  await turn();
  expect(start).not.toHaveBeenCalled();
  over();
  await started;
  expect(start).toHaveBeenCalledOnce();
});

test('what was spoiled is left out', async () => {
  await tabWith('a', 'b');
  const [first] = JSON.parse(kept.get('vernier-queue') ?? '[]') as readonly object[];
  kept.set('vernier-queue', JSON.stringify([{ ...first, datasetId: 7 }, first, 'x']));
  expect(waiting(await openTab())).toEqual(['a']);
  kept.set('vernier-queue', '{');
  expect(waiting(await openTab())).toEqual([]);
});

test('runs that storage does not take wait in memory, in whatever order they are then put', async () => {
  const tab = await tabWith('a');
  const { useUnstored } = await import('./unstored');
  const full = vi.spyOn(localStorage, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  tab.queue().add(queued('b'));
  tab.queue().move(tab.queue().items[1]?.id ?? '', -1);
  expect(waiting(tab)).toEqual(['b', 'a']);
  expect([...useUnstored.getState().held.keys()]).toEqual(['the runs that wait']);
  full.mockRestore();
  useUnstored.getState().storeAgain();
  expect(useUnstored.getState().held.size).toBe(0);
  expect(waiting(await openTab())).toEqual(['b', 'a']);
});
