import { beforeEach, expect, test, vi } from 'vitest';
import { sampleRecord } from '../../dataset/testing/records';
import type { Dataset, SampleRecord } from '../../dataset/types';
import { readRecords } from './dataset-records';
import { loadDatasetView } from './dataset-view';
import { LongCaptions } from '../services/long-captions';

const stored = vi.hoisted(() => ({ readDataset: vi.fn(), readDatasetRecord: vi.fn(), readImage: vi.fn() }));
vi.mock('../../dataset/storage', () => stored);

let dataset: Dataset;
let items: SampleRecord[];
beforeEach(() => {
  vi.clearAllMocks();
  dataset = {
    id: crypto.randomUUID(),
    name: 'Boats',
    createdAt: 0,
    split: { seed: 1, validation: 0.1, test: 0.1 },
    origin: 'files',
    columns: [],
  };
  items = [sampleRecord('a'), sampleRecord('b')];
  stored.readDatasetRecord.mockImplementation(() => Promise.resolve(dataset));
  stored.readDataset.mockImplementation(() => Promise.resolve({ dataset, items, damaged: 0 }));
  stored.readImage.mockImplementation((id: string) => Promise.resolve(items.find((item) => item.id === id) ?? null));
});

test('records are read again only after a change', async () => {
  const first = await readRecords(dataset.id);
  expect((await readRecords(dataset.id)).items).toBe(first.items);
  expect(stored.readDataset).toHaveBeenCalledOnce();
  dataset = { ...dataset, revision: 1 };
  items = [sampleRecord('a')];
  expect((await readRecords(dataset.id)).items).toEqual(items);
  expect(stored.readDataset).toHaveBeenCalledTimes(2);
});

test('a view is made once for the same data, and knows a new name', async () => {
  const first = await loadDatasetView(dataset.id);
  dataset = { ...dataset, name: 'Ships' };
  const second = await loadDatasetView(dataset.id);
  expect(second.dataset.name).toBe('Ships');
  expect(second.captionsOf).toBe(first.captionsOf);
  expect(stored.readDataset).toHaveBeenCalledOnce();
});

test('excluded pictures take no part: the data is other data, and the same again when they are taken back', async () => {
  const whole = await loadDatasetView(dataset.id);
  const [first, second] = items as [SampleRecord, SampleRecord];
  dataset = { ...dataset, revision: 1 };
  items = [first, { ...second, excluded: true }];
  const view = await loadDatasetView(dataset.id);
  expect(view.images.map(({ id }) => id)).toEqual([first.id]);
  expect(view.fingerprint).not.toBe(whole.fingerprint);
  dataset = { ...dataset, revision: 2 };
  items = [first, second];
  expect((await loadDatasetView(dataset.id)).fingerprint).toBe(whole.fingerprint);
});

test('captions are tokenized once for a model, and an edit costs one record', async () => {
  const encode = vi.fn((caption: string) => ({ truncated: caption.length > 20 }));
  const open = vi.fn(() => Promise.resolve({ loaded: { tokenizer: { encode } } }));
  const counter = new LongCaptions({ open } as unknown as ConstructorParameters<typeof LongCaptions>[0]);
  const context = { signal: new AbortController().signal };
  items = [sampleRecord('a'), sampleRecord('b', { captions: ['picture a', 'a caption of many letters'] })];
  const all = { model: 'm', datasetId: dataset.id, imageIds: null };
  expect(await counter.find(all, context)).toEqual([items[1]?.id]);
  expect(encode).toHaveBeenCalledTimes(2);
  await counter.find(all, context);
  expect(encode).toHaveBeenCalledTimes(2);
  items = [sampleRecord('a', { captions: ['picture a', 'another caption of many letters'] }), ...items.slice(1)];
  expect(await counter.find({ ...all, imageIds: [items[0]!.id] }, context)).toEqual([items[0]?.id]);
  expect(encode).toHaveBeenCalledTimes(3);
  expect(stored.readDataset).toHaveBeenCalledOnce();
  await counter.find({ ...all, model: 'other' }, context);
  expect(encode.mock.calls.length).toBeGreaterThan(4);
});
