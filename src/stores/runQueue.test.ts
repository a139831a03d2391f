import { beforeEach, expect, test, vi } from 'vitest';
import { defaultRecipe } from '../recipe/fields';

const { client } = vi.hoisted(() => ({
  client: { request: vi.fn(), onEvent: vi.fn(() => () => undefined), crashed: vi.fn(() => () => undefined) },
}));
vi.mock('./client', () => ({ client }));
vi.mock('../runs/store', () => ({ listRuns: () => Promise.resolve({ items: [], damaged: [] }) }));
vi.mock('../runs/checkpoint-list', () => ({ newestCheckpoints: () => Promise.resolve(new Map()) }));

const { useRunStore } = await import('./run');
const { useRunQueue } = await import('./runQueue');
const { newLiveRun } = await import('./liveRun');

const start = vi.fn();
const queued = (datasetId: string) => ({ recipe: defaultRecipe, datasetId, datasetName: datasetId });
const turn = () => new Promise((resolve) => setTimeout(resolve));
const running = { active: { runId: 'r' } as never };

beforeEach(() => {
  start.mockReset();
  useRunStore.setState({ active: null, live: null, restart: null, discarding: null, start });
  useRunQueue.setState({ items: [] });
});

/** Ends the run in progress. */
function end(reason: 'finished' | 'interrupted', change: object = {}): void {
  const live = { ...newLiveRun({ runId: 'r', name: 'r', recipe: defaultRecipe, datasetId: 'd' }) };
  useRunStore.setState({ active: null, live: { ...live, end: { reason, message: '', bestStep: null } }, ...change });
}

test('the next run begins when one has ended, and in the order of adding', async () => {
  useRunStore.setState(running);
  for (const id of ['a', 'b']) useRunQueue.getState().add(queued(id));
  useRunQueue.getState().startNext();
  expect(start).not.toHaveBeenCalled();
  end('finished');
  await turn();
  expect(start).toHaveBeenCalledExactlyOnceWith(defaultRecipe, 'a');
  expect(useRunQueue.getState().items.map(({ datasetId }) => datasetId)).toEqual(['b']);
});

test('a run that is interrupted, or goes on by itself, holds the queue', async () => {
  useRunQueue.getState().add(queued('a'));
  useRunStore.setState(running);
  end('interrupted');
  await turn();
  useRunStore.setState(running);
  end('finished', { restart: { runId: 'r', step: 1, seconds: 1 } });
  await turn();
  expect(start).not.toHaveBeenCalled();
});
