import 'fake-indexeddb/auto';
import { beforeEach, expect, test, vi } from 'vitest';
import type { ParameterStore } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import type { Backend } from '../compute/backend';
import { DeviceLock } from '../device-lock';
import { recipeOf } from '../testing/fakes';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import type { ModelLibrary, OpenedModel } from './models';
import { RunTimings } from './run-timing';
import type { WeightsRegistry } from './weights';

const { view, pixels } = await tinyDataset();
vi.mock('../data/dataset-records', () => ({
  readRecords: () => Promise.resolve({ dataset: view.dataset, items: view.images }),
}));

const executor = await createTfjsExecutor('tfjs-cpu');
const makeStore = executor.createStore.bind(executor);
let stores: ParameterStore[] = [];
executor.createStore = async (...given) => {
  const store = await makeStore(...given);
  stores.push(store);
  return store;
};

function setup() {
  const model = { ...tinyModel(), key: 'tiny' } as unknown as OpenedModel;
  return new RunTimings({
    backend: {
      executor: () => Promise.resolve(executor),
      describe: () => Promise.resolve({ adapter: null, version: '1' }),
      capacity: () => Promise.resolve({ total: 1e12, tensor: 1e12, tab: 1e12 }),
      tuned: () => Promise.resolve({ executor, notes: [], kernels: {} }),
    } as unknown as Backend,
    models: { open: () => Promise.resolve(model) } as unknown as ModelLibrary,
    registry: { clear: () => Promise.resolve(), pixelsOf: () => pixels } as unknown as WeightsRegistry,
    lock: new DeviceLock(),
  });
}

const { signal } = new AbortController();
const asked = (seed: number, batchSize = 4) => ({
  recipe: recipeOf({ model: 'local/tiny', batchSize, augmentCrop: 0, seed }),
  datasetId: 'tiny',
});

beforeEach(() => void (stores = []));

test('a recipe of the same cost is timed once, and another anew', async () => {
  const first = await setup().time(asked(1), signal);
  expect(first.step).toBeGreaterThan(0);
  expect(first.evaluation).toBeGreaterThan(0);
  // As on the next visit.
  expect(await setup().time(asked(2), signal)).toEqual(first);
  expect(stores).toHaveLength(1);
  await setup().time(asked(2, 3), signal);
  expect(stores).toHaveLength(2);
});

test('ends at once when a run makes its way, or when the next is asked for, and gives the device back', async () => {
  const timings = setup();
  const given = timings.time(asked(1, 5), signal);
  const refused = expect(given).rejects.toMatchObject({ code: 'cancelled' });
  await vi.waitFor(() => expect(stores).toHaveLength(1));
  const disposed = vi.spyOn(stores[0]!, 'dispose');
  await timings.stop();
  await refused;
  expect(disposed).toHaveBeenCalledTimes(1);
  const [earlier, later] = [timings.time(asked(1, 5), signal), timings.time(asked(1, 4), signal)];
  await expect(earlier).rejects.toMatchObject({ code: 'cancelled' });
  await expect(later).resolves.toMatchObject({ timedSteps: expect.any(Number) as number });
});
