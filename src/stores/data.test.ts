import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { sampleRecord } from '../dataset/testing/records';
import type { DatasetChange } from '../dataset/revision';
import type { Dataset } from '../dataset/types';
import { WorkerCrash } from '../protocol/errors';
import type { ModelSummary } from '../protocol/models';
import { useDataStore } from './data';
import { useModelStore } from './model';
import { Waiting } from './testing/waiting';

const storage = vi.hoisted(() => ({
  listDatasets: vi.fn(),
  readDataset: vi.fn(),
  setCaptions: vi.fn(),
  setSplit: vi.fn(),
  deleteImage: vi.fn(),
  deleteDataset: vi.fn(),
}));
vi.mock('../dataset/storage', () => storage);
const changes = vi.hoisted(() => ({ tell: (change: unknown): void => void change }));
vi.mock('../dataset/revision', () => ({
  onDatasetChange: (listener: (change: unknown) => void) => {
    changes.tell = listener;
  },
}));
const worker = vi.hoisted(() => ({ request: vi.fn(), crashed: vi.fn<(listener: () => void) => void>() }));
vi.mock('./client', () => ({ client: worker }));
vi.mock('./backend', () => ({ forcedBackend: () => Promise.resolve('tfjs-wasm') }));
vi.mock('./settings', () => ({ readSetting: () => Promise.resolve(null), writeSetting: () => Promise.resolve() }));

const state = useDataStore.getState;
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const dataset = (id: string, revision = 1): Dataset => ({
  id,
  name: id,
  createdAt: 0,
  split: { seed: 1, validation: 0.1, test: 0.1 },
  origin: 'files',
  columns: [],
  revision,
});
const contents = (id: string, revision = 1) => ({
  dataset: dataset(id, revision),
  items: [sampleRecord(`${id}1`, { datasetId: id })],
  damaged: 0,
});
const model = (id: string): ModelSummary => ({ id }) as ModelSummary;

let reads: Waiting<[string], ReturnType<typeof contents>>;
let requests: Waiting<[string, unknown], unknown>;
const initial = state();
beforeEach(async () => {
  vi.clearAllMocks();
  reads = new Waiting();
  requests = new Waiting();
  storage.readDataset.mockImplementation(reads.ask);
  worker.request.mockImplementation(requests.ask);
  storage.listDatasets.mockResolvedValue({ items: [dataset('a'), dataset('b'), dataset('c')], damaged: [] });
  useModelStore.setState({ model: null });
  useDataStore.setState({ ...initial, datasets: [dataset('a'), dataset('b'), dataset('c')] }, true);
  const chosen = state().selectDataset('a');
  reads.asked.shift()?.answer(contents('a'));
  await chosen;
});
afterEach(() => {
  vi.unstubAllGlobals();
});

it('shows the dataset that was chosen last, however late the others come', async () => {
  const choices = [state().selectDataset('b'), state().selectDataset('c')];
  reads.asked[1]?.answer(contents('c'));
  await settled();
  reads.asked[0]?.answer(contents('b'));
  await Promise.all(choices);
  expect(state().dataset?.id).toBe('c');
  expect(state().images.map(({ datasetId }) => datasetId)).toEqual(['c']);
});

it('does not fall back to the dataset before when a list is read meanwhile', async () => {
  const lists = new Waiting<[], unknown>();
  storage.listDatasets.mockImplementation(lists.ask);
  storage.deleteDataset.mockResolvedValue(undefined);
  const deleted = state().deleteDataset('b');
  await settled();
  const chosen = state().selectDataset('c');
  lists.asked[0]?.answer({ items: [dataset('a'), dataset('c')], damaged: [] });
  await settled();
  for (const { args, answer } of reads.asked.splice(0).toReversed()) answer(contents(args[0]));
  await Promise.all([deleted, chosen]);
  expect(state().dataset?.id).toBe('c');
  expect(state().datasets.map(({ id }) => id)).toEqual(['a', 'c']);
});

it('keeps the newest count of long captions', async () => {
  useModelStore.setState({ model: model('m') });
  const [one] = state().images;
  storage.setCaptions
    .mockResolvedValueOnce({ image: { ...one, captions: ['long'] }, revision: 2 })
    .mockResolvedValueOnce({ image: { ...one, captions: ['short'] }, revision: 3 });
  const edits = [state().setCaptions(one!.id, ['long']), state().setCaptions(one!.id, ['short'])];
  await settled();
  requests.asked[1]?.answer([]);
  await settled();
  requests.asked[0]?.answer([one!.id]);
  await Promise.all(edits);
  expect(state().tooLong).toEqual(new Set());
});

it('has one caption counted after an edit, once all were', async () => {
  useModelStore.setState({ model: model('m') });
  useDataStore.setState({ tooLong: new Set(['other', state().images[0]!.id]) });
  const [one] = state().images;
  storage.setCaptions.mockResolvedValueOnce({ image: { ...one, captions: ['short'] }, revision: 2 });
  const edit = state().setCaptions(one!.id, ['short']);
  await settled();
  expect(requests.asked.map(({ args }) => args)).toEqual([
    ['longCaptions', { model: 'm', datasetId: 'a', imageIds: [one!.id] }],
  ]);
  requests.asked[0]?.answer([]);
  await edit;
  expect(state().tooLong).toEqual(new Set(['other']));
});

it('takes an edit over as it is, unless another tab has edited in between', async () => {
  const [one] = state().images;
  storage.setSplit.mockResolvedValueOnce({ image: { ...one, split: 'test' }, revision: 2 });
  await state().setSplit(one!.id, 'test');
  expect(state()).toMatchObject({ dataset: { revision: 2 }, images: [{ split: 'test' }] });
  expect(reads.asked).toHaveLength(0);
  storage.deleteImage.mockResolvedValueOnce(4);
  const deleted = state().deleteImage(one!.id);
  await settled();
  reads.asked[0]?.answer(contents('a', 4));
  await deleted;
  expect(state()).toMatchObject({ dataset: { revision: 4 }, images: [{ datasetId: 'a' }] });
});

it('follows what other tabs change, and not what it did itself', async () => {
  worker.request.mockResolvedValue(null);
  await Promise.race([state().start(), settled()]);
  reads.asked.splice(0).forEach(({ answer }) => answer(contents('a', 5)));
  await settled();
  const tell = (change: DatasetChange): void => changes.tell(change);
  tell({ datasetId: 'a', revision: 5 });
  tell({ datasetId: 'b', revision: 9 });
  await settled();
  expect(reads.asked).toHaveLength(0);
  tell({ datasetId: 'a', revision: 6 });
  await settled();
  expect(reads.asked).toHaveLength(1);
});

it('has an import taken back whose worker died', async () => {
  worker.request.mockRejectedValue(new WorkerCrash('The browser ended the background worker'));
  const imported = state().importSample({ file: null, count: 4, recipe: { task: 'contrastive' } } as Parameters<
    ReturnType<typeof state>['importSample']
  >[0]);
  await settled();
  expect(storage.listDatasets).toHaveBeenCalledOnce();
  reads.asked.shift()?.answer(contents('a', 3));
  await imported;
  expect(state()).toMatchObject({ importing: null, dataset: { revision: 3 } });
  expect(state().problem).toMatch(/^The browser ended the background worker/);
});

it('keeps the reason of a failed import on the page when the worker has taken the import back', async () => {
  worker.request.mockRejectedValue(new Error('The browser has no more room'));
  await state().importSample({ file: null, count: 4, recipe: { task: 'contrastive' } } as Parameters<
    ReturnType<typeof state>['importSample']
  >[0]);
  const { dataset } = state();
  changes.tell({ datasetId: dataset?.id ?? '', revision: (dataset?.revision ?? 0) + 1 });
  await settled();
  expect(reads.asked).toHaveLength(1);
  reads.asked.shift()?.answer(contents('a', 9));
  await settled();
  expect(state().problem).toBe('The browser has no more room');
});
