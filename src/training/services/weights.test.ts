import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { putRun, putWeights } from '../../runs/store';
import { heldDelta } from '../../runs/weight-set';
import { DeviceLock } from '../device-lock';
import { ModelLibrary, type OpenedModel } from './models';
import { FakeExecutor, recipeOf, runOf } from '../testing/fakes';
import { tinyModel } from '../testing/tiny-model';
import { runBase, WeightsRegistry, type Weights } from './weights';

const opened = vi.spyOn(ModelLibrary.prototype, 'openAt');
const current = vi.spyOn(ModelLibrary.prototype, 'current');

function setup() {
  const executor = new FakeExecutor();
  const disposed = vi.spyOn(executor.store, 'dispose');
  const written = vi.spyOn(executor.store, 'write');
  const registry = new WeightsRegistry(new ModelLibrary(() => ''), () => Promise.resolve(executor), new DeviceLock());
  return { registry, disposed, written };
}

/** Of an opened model the registry needs what training knows of it. */
function modelOf(id: string, seed = 1, part: Partial<OpenedModel> = {}): OpenedModel {
  const model = tinyModel(seed);
  const stored = new Map(
    [...model.tensors].map(([name, values]) => [
      name,
      { name, dtype: 'F32', shape: [values.length], bytes: new Uint8Array(values.buffer) },
    ]),
  );
  return { ...model, id, key: id, hub: null, revision: null, loaded: { stored }, ...part } as unknown as OpenedModel;
}

const recipe = recipeOf({ model: 'local/tiny' });
const base = (model = 'local/tiny') => ({ kind: 'base', model }) as const;
const encoderOf = (weights: Weights) => weights.use((encoder) => Promise.resolve(encoder));
async function tensorsOf({ set }: Weights) {
  const tensors = new Map<string, Float32Array>();
  for await (const [name, values] of set.delta?.read() ?? []) tensors.set(name, values);
  return tensors;
}
const run = (runId: string) => ({ kind: 'run', runId }) as const;

beforeEach(() => {
  opened.mockImplementation((id) => Promise.resolve(modelOf(id)));
  current.mockResolvedValue(null);
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
    expect(weights.set.delta).toBeNull();
    expect(weights.set.base).toBe((await runBase(modelOf('local/tiny'))).digest);
    expect((await registry.find(base())).features).toBe(weights.features);
    expect((await registry.find(base('local/other'))).features).not.toBe(weights.features);
  });

  test('a run brings the tensors that it changed, and newer ones are other weights', async () => {
    const { registry, written } = setup();
    const tensors = new Map([['logit_scale', Float32Array.of(3)]]);
    await putWeights(runOf(recipe, { id: 'trained', weightsStep: 4, tensors: ['logit_scale'] }), heldDelta(tensors));
    const first = await registry.find(run('trained'));
    expect(await tensorsOf(first)).toEqual(tensors);
    await encoderOf(first);
    expect(written).toHaveBeenCalledWith(tensors);
    await putWeights(runOf(recipe, { id: 'trained', weightsStep: 8, tensors: ['logit_scale'] }), heldDelta(tensors));
    const second = await registry.find(run('trained'));
    expect(second.key).not.toBe(first.key);
    expect(second.features).not.toBe(first.features);
  });

  test('weights that the disk had no room for last as long as the worker', async () => {
    const { registry } = setup();
    await putRun(runOf(recipe, { id: 'unstored' }));
    await expect(registry.find(run('unstored'))).rejects.toMatchObject({ code: 'no-weights' });
    const tensors = new Map([['logit_scale', Float32Array.of(2)]]);
    const of = { bestStep: 6, weightsStep: 6, tensors: ['logit_scale'] };
    registry.holdUnstored('unstored', { delta: heldDelta(tensors), of });
    const found = await registry.find(run('unstored'));
    expect(await tensorsOf(found)).toEqual(tensors);
    expect(found.run).toMatchObject(of);
  });

  test('the base model of a run is known by its weights, whatever it is called now', async () => {
    const { registry } = setup();
    const base = await runBase(modelOf('local/tiny'));
    const tensors = new Map([['logit_scale', Float32Array.of(3)]]);
    await putWeights(
      runOf(recipe, { id: 'based', base, weightsStep: 4, tensors: ['logit_scale'] }),
      heldDelta(tensors),
    );
    expect((await registry.find(run('based'))).model.id).toBe('local/tiny');

    const moved = modelOf('local/tiny', 2);
    opened.mockResolvedValue(moved);
    const error: unknown = await registry.find(run('based')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ name: 'StudioError', code: 'other-base' });
    const { digest } = await runBase(moved);
    for (const part of [base.digest.slice(0, 12), digest.slice(0, 12), 'amber-otter', 'local/tiny', 'Model page'])
      expect((error as Error).message).toContain(part);

    current.mockResolvedValue(modelOf('local/tiny-2'));
    expect((await registry.find(run('based'))).model.id).toBe('local/tiny-2');
  });

  test('a run of which no base is noted is used with the model of that name', async () => {
    const { registry } = setup();
    await putRun(runOf(recipe, { id: 'early', weightsStep: 4 }));
    opened.mockResolvedValue(modelOf('local/tiny', 2));
    expect((await registry.find(run('early'))).run?.base).toBeNull();
  });

  test('a run that found nothing better offers the base model as it is', async () => {
    const { registry } = setup();
    await putRun(runOf(recipe, { id: 'fruitless', state: 'finished', bestStep: 0, weightsStep: 0 }));
    expect((await registry.find(run('fruitless'))).set.delta).toBeNull();
  });

  test('the models of two hubs are two, even under one id', async () => {
    const { registry } = setup();
    opened.mockImplementation((id, hub) => Promise.resolve(modelOf(id, 1, { key: `${hub} ${id}`, hub })));
    const [here, there] = ['https://a.example', 'https://b.example'];
    const first = await registry.find({ kind: 'base', model: 'some/clip', hub: here ?? null });
    const second = await registry.find({ kind: 'base', model: 'some/clip', hub: there ?? null });
    expect(second.key).not.toBe(first.key);
    expect(second.pixels).not.toBe(first.pixels);
    const base = await runBase(modelOf('some/clip', 1, { hub: here ?? null, revision: 'main' }));
    await putRun(runOf(recipeOf({ model: 'some/clip' }), { id: 'remote', base, weightsStep: 4 }));
    await registry.find(run('remote'));
    expect(opened).toHaveBeenLastCalledWith('some/clip', here, expect.anything());
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
