import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { putRun, putWeights } from '../runs/store';
import { DeviceLock } from './device-lock';
import { ModelLibrary, type OpenedModel } from './models';
import { FakeExecutor, recipeOf, runOf } from './testing/fakes';
import { tinyModel } from './testing/tiny-model';
import { WeightsRegistry, type Weights } from './weights';

const opened = vi.spyOn(ModelLibrary.prototype, 'open');

function setup() {
  const executor = new FakeExecutor();
  const disposed = vi.spyOn(executor.store, 'dispose');
  const written = vi.spyOn(executor.store, 'write');
  const registry = new WeightsRegistry(new ModelLibrary(() => ''), () => Promise.resolve(executor), new DeviceLock());
  return { registry, disposed, written };
}

const recipe = recipeOf({ model: 'local/tiny' });
const base = (model = 'local/tiny') => ({ kind: 'base', model }) as const;
const encoderOf = (weights: Weights) => weights.use((encoder) => Promise.resolve(encoder));
const run = (runId: string) => ({ kind: 'run', runId }) as const;

beforeEach(() => {
  // Of an opened model the registry needs what training knows of it.
  opened.mockImplementation((id) => Promise.resolve({ ...tinyModel(), id } as OpenedModel));
});

describe('WeightsRegistry', () => {
  test('an executor that takes over with the first search may clear the device', async () => {
    const executor = new FakeExecutor();
    const registry: WeightsRegistry = new WeightsRegistry(
      new ModelLibrary(() => ''),
      async () => {
        await registry.clear();
        return executor;
      },
      new DeviceLock(),
    );
    expect(await encoderOf(await registry.find(base()))).toBeDefined();
  });

  test('the base model has weights of its own, which nothing changes', async () => {
    const { registry } = setup();
    const weights = await registry.find(base());
    expect(weights).toMatchObject({ key: 'base/local/tiny', run: null });
    expect(await weights.changed()).toEqual(new Map());
    expect((await registry.find(base())).features).toBe(weights.features);
    expect((await registry.find(base('local/other'))).features).not.toBe(weights.features);
  });

  test('a run brings the tensors that it changed, and newer ones are other weights', async () => {
    const { registry, written } = setup();
    const tensors = new Map([['logit_scale', Float32Array.of(3)]]);
    await putWeights(runOf(recipe, { id: 'trained', weightsStep: 4, tensors: ['logit_scale'] }), tensors);
    const first = await registry.find(run('trained'));
    expect(await first.changed()).toEqual(tensors);
    await encoderOf(first);
    expect(written).toHaveBeenCalledWith(tensors);
    await putWeights(runOf(recipe, { id: 'trained', weightsStep: 8, tensors: ['logit_scale'] }), tensors);
    const second = await registry.find(run('trained'));
    expect(second.key).not.toBe(first.key);
    expect(second.features).not.toBe(first.features);
  });

  test('weights that the disk had no room for last as long as the worker', async () => {
    const { registry } = setup();
    await putRun(runOf(recipe, { id: 'unstored' }));
    await expect(registry.find(run('unstored'))).rejects.toMatchObject({ code: 'no-weights' });
    const tensors = new Map([['logit_scale', Float32Array.of(2)]]);
    registry.holdUnstored('unstored', tensors);
    expect(await (await registry.find(run('unstored'))).changed()).toBe(tensors);
  });

  test('says what is not there', async () => {
    const { registry } = setup();
    await expect(registry.find(run('nowhere'))).rejects.toMatchObject({ code: 'not-found' });
    opened.mockRejectedValueOnce(new Error('There is no config.json.'));
    await expect(registry.find(base())).rejects.toThrow('There is no config.json.');
  });

  test('keeps two sets of weights on the device, the ones used last', async () => {
    const { registry, disposed } = setup();
    const encoders = [];
    for (const model of ['local/a', 'local/b', 'local/a', 'local/c']) {
      encoders.push(await encoderOf(await registry.find(base(model))));
    }
    expect(encoders[2]).toBe(encoders[0]);
    expect(disposed).toHaveBeenCalledOnce();
    expect(await encoderOf(await registry.find(base('local/a')))).toBe(encoders[0]);
    await registry.clear();
    expect(disposed).toHaveBeenCalledTimes(3);
    expect(await encoderOf(await registry.find(base('local/a')))).not.toBe(encoders[0]);
  });
});
