import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { FeatureCache } from '../../storage/feature-cache/feature-cache';
import { OpfsRowStorage } from '../../storage/feature-cache/opfs-rows';
import { MemoryFolder } from '../../storage/feature-cache/testing/memory-folder';
import { DeviceLock } from '../device-lock';
import { FrozenPrefix, type FrozenPrefixOptions } from './frozen-prefix';
import type { ModelHandle } from '../model-handle';
import { pixelSource, type LastingSource } from './samples';
import { tinyDataset, tinyModel } from '../testing/tiny-model';
import { TowerPass } from './tower';
import { modelParameters } from '../../model/architecture';

const model = tinyModel();
const samples = [0, 1, 2, 3, 4, 5, 6, 7];
const to = 'blocks.1';

let executor: Executor;
let direct: readonly Float32Array[];
let folder: MemoryFolder;
let quota: number;

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  const { options, dispose } = await setup();
  const pass = await TowerPass.create(options, 'embeddings', to);
  const rows = await pass.run(samples);
  const width = rows.length / samples.length;
  direct = samples.map((_, row) => rows.slice(row * width, (row + 1) * width));
  pass.dispose();
  dispose();
});

beforeEach(() => {
  folder = new MemoryFolder();
  quota = 1e9;
});

function cacheHere(): FeatureCache {
  return new FeatureCache(
    () => Promise.resolve([new OpfsRowStorage(folder)]),
    () => Promise.resolve({ quota, usage: 0 }),
  );
}

const rowsFile = (): string => [...folder.files.keys()].find((name) => name.endsWith('.rows')) ?? '';

interface Changes extends Partial<FrozenPrefixOptions> {
  readonly processing?: string;
}

async function setup({ processing = 'as they are', ...changes }: Changes = {}) {
  const used: ModelHandle = changes.model ?? model;
  const { view, pixels } = await tinyDataset();
  const asked: number[] = [];
  const store = await executor.createStore(modelParameters(used.architecture), used.tensors);
  const source: LastingSource = {
    ...pixelSource(used, view.images.length, (image) => {
      asked.push(image);
      return pixels.pixels(view.images[image]!);
    }),
    processing,
    content: (image) => view.images[image]?.hash ?? '',
  };
  const options: FrozenPrefixOptions = {
    model: used,
    device: { executor, store, lock: new DeviceLock() },
    tower: 'vision',
    source,
    tokens: 8,
    rows: 4,
    samples,
    budget: 1e9,
    cache: cacheHere(),
    ...changes,
  };
  return { options, asked, dispose: () => store.dispose() };
}

/** Asks for samples in some order as a run would, twice, and tells which had to be computed. */
async function computedBy(changes: Changes = {}, between: () => Promise<void> | void = () => undefined) {
  const { options, asked, dispose } = await setup(changes);
  const prefix = await FrozenPrefix.create(options, to);
  if (prefix === null) throw new Error('Nothing is kept.');
  const results: Float32Array[] = [];
  for (const batch of [samples.slice(4), samples.slice(0, 4), [3, 3, 6, 0]]) {
    const { image_hidden: hidden } = await prefix.inputs(batch, 5);
    if (!(hidden instanceof Float32Array)) throw new Error('No hidden states.');
    const width = hidden.length / 5;
    batch.forEach((sample, row) => (results[sample] = hidden.slice(row * width, (row + 1) * width)));
    await between();
  }
  prefix.dispose();
  dispose();
  return { asked: asked.toSorted((a, b) => a - b), results, place: prefix.place };
}

describe('what enters a stage', () => {
  test('is computed once per sample and kept in memory', async () => {
    const { asked, results, place } = await computedBy({ cache: null });
    expect(place).toBe('memory');
    expect(asked).toEqual(samples);
    expect(results).toEqual(direct);
  });

  test('is found on disk by a later run, to the same bits', async () => {
    expect((await computedBy()).asked).toEqual(samples);
    const { asked, results } = await computedBy();
    expect(asked).toEqual([]);
    expect(results).toEqual(direct);
  });

  test('comes from disk each time where memory has no room', async () => {
    const first = await computedBy({ budget: 0 });
    expect(first.place).toBe('disk');
    expect(first.asked).toEqual(samples);
    expect(first.results).toEqual(direct);
    expect((await computedBy({ budget: 0 })).asked).toEqual([]);
  });

  test('is not kept where neither has room', async () => {
    const { options, dispose } = await setup({ budget: 0, cache: null });
    expect(await FrozenPrefix.create(options, to)).toBeNull();
    quota = 1000;
    const full = await setup({ budget: 0 });
    expect(await FrozenPrefix.create(full.options, to)).toBeNull();
    expect(folder.files.size).toBe(0);
    dispose();
    full.dispose();
  });

  test('of samples that came later is computed for them alone', async () => {
    const askedFor = async (wanted: readonly number[]): Promise<readonly number[]> => {
      const { options, asked, dispose } = await setup({ samples: wanted });
      const prefix = await FrozenPrefix.create(options, to);
      await prefix?.inputs(wanted, wanted.length);
      prefix?.dispose();
      dispose();
      return asked;
    };
    await askedFor(samples.slice(2));
    expect(await askedFor(samples)).toEqual([0, 1]);
  });
});

describe('another key', () => {
  const withTensor = (name: string): ModelHandle => {
    const values = model.tensors.get(name)!.slice();
    values[0]! += 1;
    return { ...model, tensors: new Map([...model.tensors, [name, values]]) };
  };

  test.each([
    ['weights below', () => ({ model: withTensor('vision_model.encoder.layers.0.mlp.fc1.bias') })],
    ['preprocessing', () => ({ processing: 'mirrored' })],
    [
      'pixel normalisation',
      () => ({ model: { ...model, normalization: { mean: [0, 0, 0], std: [1, 1, 1] } } as const }),
    ],
  ])('comes of other %s', async (_, changes) => {
    await computedBy();
    expect((await computedBy(changes())).asked).toEqual(samples);
    expect(folder.files.size).toBe(4);
  });

  test('does not come of weights above, nor of the text tower', async () => {
    await computedBy();
    for (const name of [
      'vision_model.encoder.layers.1.mlp.fc1.bias',
      'text_model.final_layer_norm.bias',
      'logit_scale',
    ])
      expect((await computedBy({ model: withTensor(name) })).asked, name).toEqual([]);
  });
});

describe('faults', () => {
  test('a file cut short costs the rows that are gone and no wrong number', async () => {
    await computedBy();
    folder.damage(rowsFile(), (bytes) => bytes.slice(0, bytes.length / 2));
    const { asked, results } = await computedBy();
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.length).toBeLessThan(samples.length);
    expect(results).toEqual(direct);
  });

  test('changed bytes are noticed', async () => {
    await computedBy();
    folder.damage(rowsFile(), (bytes) => bytes.map((byte, i) => (i > 1000 && i % 999 === 0 ? ~byte : byte)));
    const { asked, results } = await computedBy({ budget: 0 });
    expect(asked.length).toBeGreaterThan(0);
    expect(results).toEqual(direct);
  });

  test('a disk that fills up on the way ends the keeping, not the run', async () => {
    const { results, asked } = await computedBy({ budget: 0 }, () => {
      folder.capacity = folder.used + 100;
    });
    expect(results).toEqual(direct);
    // What found no room was computed again when it was asked for again.
    expect(asked.length).toBeGreaterThan(samples.length);
  });

  test('rows that were cleared under a run are computed', async () => {
    const cache = cacheHere();
    const { results } = await computedBy({ budget: 0, cache }, async () => {
      await cache.clear();
    });
    expect(results).toEqual(direct);
    expect(folder.files.size).toBe(0);
  });

  test('two runs at a time do not share a file', async () => {
    const { options, dispose } = await setup();
    const prefix = await FrozenPrefix.create(options, to);
    expect((await computedBy()).results).toEqual(direct);
    prefix?.dispose();
    dispose();
  });
});
