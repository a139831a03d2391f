import { beforeEach, expect, it, vi } from 'vitest';
import { sampleRecord } from '../dataset/testing/records';
import { defaultRecipe, withFields } from '../recipe/fields';
import type { RequestOptions } from '../training/client/client';
import { runOf } from '../training/testing/fakes';
import { useDataStore } from './data';
import { encodeAhead } from './encodeAhead';
import { useRunStore } from './run';

type Ask = (type: string, params: { readonly weights: unknown }, options: RequestOptions) => Promise<unknown>;
const request = vi.hoisted(() => vi.fn<Ask>());
vi.mock('./client', () => ({ client: { request, onEvent: () => undefined, crashed: () => undefined } }));

const run = runOf(defaultRecipe, { id: 'run' });

beforeEach(() => {
  request.mockReset();
  request.mockResolvedValue([]);
  useRunStore.setState({ active: null });
  useDataStore.setState({
    dataset: { ...run.dataset, createdAt: 0, origin: 'files', columns: [], split: { seed: 1, validation: 0, test: 0 } },
    images: [sampleRecord('a', { captions: [] }), sampleRecord('b')],
  });
});

it('encodes the pictures by the run and by its base model', async () => {
  await encodeAhead(run);
  expect(request.mock.calls.map(([type, params]) => ({ type, ...params }))).toEqual([
    {
      type: 'searchImages',
      weights: { kind: 'run', runId: 'run' },
      datasetId: run.dataset.id,
      query: 'picture b',
      count: 1,
    },
    expect.objectContaining({ weights: { kind: 'base', model: run.recipe.model } }),
  ]);
});

it('leaves the device to a run that begins', async () => {
  request.mockImplementation((_type, _params, { signal }) => {
    const cancelled = new Promise((_, reject) =>
      signal?.addEventListener('abort', () => reject(new Error('cancelled'))),
    );
    useRunStore.setState({ active: {} as never });
    return cancelled;
  });
  await encodeAhead(run);
  expect(request).toHaveBeenCalledOnce();
});

it('does nothing for models that find no pictures, and for other data', async () => {
  await encodeAhead({ ...run, recipe: withFields(defaultRecipe, { task: 'classification' }) });
  await encodeAhead({ ...run, dataset: { ...run.dataset, id: 'other' } });
  expect(request).not.toHaveBeenCalled();
});
