// @module-tag slow

import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { parameterGroups } from '../../session/parameter-groups';
import type { RecipeChange } from '../../../recipe/fields';
import type { Recipe } from '../../../recipe/schema';
import { FeatureCache } from '../../../storage/feature-cache/feature-cache';
import { OpfsRowStorage } from '../../../storage/feature-cache/opfs-rows';
import { MemoryFolder } from '../../../storage/feature-cache/testing/memory-folder';
import { AugmentedPixels } from '../../features/augmented-pixels';
import { imagesOf, pairsOf, type DatasetView } from '../../data/dataset-view';
import { DeviceLock } from '../../device-lock';
import { planRun } from '../../data/plan';
import { Recorder } from '../../session/recorder';
import { Reporter } from '../../session/reporter';
import type { PixelReader } from '../../features/samples';
import { TrainingSession } from '../../session/session';
import { eventsOf, MemoryStorage, recipeOf, runOf } from '../../testing/fakes';
import { tinyDataset, tinyModel } from '../../testing/tiny-model';
import type { TrainingEvent } from '../../../protocol/training';
import { contrastive } from '../../../tasks/contrastive';
import { ContrastiveTask } from './contrastive';
import { createWeightStore } from '../../features/weight-store';
import { lossTensors } from './sigmoid-bias';

let executor: Executor;
let everything: DatasetView;
let pixels: PixelReader;
const model = tinyModel();
const side = model.architecture.image.pixels;
const whole = {
  left: 0,
  top: 0,
  width: side,
  height: side,
  mirrored: false,
  brightness: 1,
  contrast: 1,
  saturation: 1,
};
/** Whole pictures; where a recipe mirrors, those of every other epoch are mirrored. */
const viewOf = (recipe: Recipe, epoch: number) => ({ ...whole, mirrored: recipe.augmentFlip && epoch % 2 === 1 });

beforeAll(async () => {
  executor = await createTfjsExecutor('tfjs-cpu');
  ({ view: everything, pixels } = await tinyDataset());
});

interface TrainOptions {
  readonly cacheBudget?: number;
  readonly augmented?: boolean;
  readonly cache?: FeatureCache;
  readonly view?: DatasetView;
  /** Random views as runs draw them. */
  readonly random?: boolean;
}

function withAlpha(rgb: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  return Uint8ClampedArray.from({ length: (rgb.length / 3) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : (rgb[(i >> 2) * 3 + (i % 4)] ?? 0),
  );
}

/** The task of a recipe, with all that its run is made of. */
async function create(changes: RecipeChange, options: TrainOptions = {}) {
  const recipe = recipeOf({ model: model.id, batchSize: 6, warmupRatio: 0, seed: 3, ...changes });
  const view = options.view ?? everything;
  const own = lossTensors(recipe, model.architecture);
  const store = await createWeightStore(model, null, executor, new DeviceLock(), own);
  const device = { executor, store, lock: new DeviceLock() };
  const pairs = pairsOf(view, imagesOf(view, 'train')).length;
  const plan = planRun(recipe, pairs, imagesOf(view, 'validation').length);
  const asked: number[] = [];
  const views = new AugmentedPixels(model, { crop: 0.3, flip: true, color: 0.2 }, recipe.seed, async (image) => ({
    width: side,
    height: side,
    data: withAlpha(await pixels.pixels(image)),
  }));
  const task = await ContrastiveTask.create({
    model,
    view,
    recipe,
    plan,
    device,
    pixels,
    augmented:
      options.augmented || options.random
        ? {
            side: options.random ? views.side : side,
            view: async (image, epoch) => {
              asked.push(epoch);
              const picture = view.images[image]!;
              return options.random
                ? views.view(picture, epoch)
                : { square: await pixels.pixels(picture), view: viewOf(recipe, epoch) };
            },
          }
        : null,
    cache: options.cache ?? null,
    ...(options.cacheBudget === undefined ? {} : { cacheBudget: options.cacheBudget }),
  });
  return { recipe, plan, device, task, asked };
}

/** Trains the tiny model by a recipe and gives all there is to see. */
async function train(changes: RecipeChange, options: TrainOptions = {}) {
  const { recipe, plan, device, task, asked } = await create(changes, options);
  const { store } = device;
  const events: TrainingEvent[] = [];
  const now = (): number => performance.now();
  const recorder = new Recorder(runOf(recipe), now, new MemoryStorage());
  const reporter = new Reporter('run', (event) => events.push(event), now);
  const groups = parameterGroups(model.architecture.groups, recipe, task);
  const session = new TrainingSession({ recipe, plan, task, device, groups, recorder, reporter, now });
  const reason = await session.run();
  const after = await store.read();
  task.dispose();
  store.dispose();
  const losses = eventsOf(events, 'steps').flatMap(({ steps }) => steps.map(({ loss }) => loss));
  return { reason, losses, events, after, task, asked, record: recorder.record };
}

test('a CLIP learns with the sigmoid loss as well, to the same end whole and in micro-batches', async () => {
  const changes = { loss: 'sigmoid', freeze: 'full', epochs: 30, learningRate: 1e-3, evaluateEvery: 9 } as const;
  const { losses, after } = await train(changes);
  const mean = (part: readonly number[]): number => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  expect(mean(losses.slice(-6))).toBeLessThan(0.85 * mean(losses.slice(0, 3)));
  // It is set and not trained, and no part of what a run keeps.
  expect(after.get('logit_bias')?.[0]).toBeLessThan(-5);
  const parts = await train({ ...changes, epochs: 4, microBatchSize: 3 });
  const whole = await train({ ...changes, epochs: 4 });
  parts.losses.forEach((loss, index) => expect(loss).toBeCloseTo(whole.losses[index] ?? NaN, 3));
  expect(parts.record.tensors).not.toContain('logit_bias');
});

describe('full fine-tuning', () => {
  test('learns: the loss falls and training pairs are told apart', async () => {
    const { reason, losses, record } = await train({
      freeze: 'full',
      learningRate: 3e-3,
      epochs: 16,
      evaluateEvery: 48,
    });
    expect(record.message).toContain('Finished');
    expect(reason).toBe('finished');
    expect(losses).toHaveLength(48);
    expect(losses.at(-1)).toBeLessThan((losses[0] ?? 0) / 2);
  });

  test('the same recipe gives the same run', async () => {
    const recipe = { freeze: 'full', epochs: 3 } as const;
    const [first, second] = [await train(recipe), await train(recipe)];
    expect(second.losses).toEqual(first.losses);
    const other = await train({ ...recipe, seed: 4 });
    expect(other.losses).not.toEqual(first.losses);
  });

  test('the same pictures give the same run in whatever order they were imported', async () => {
    const { view } = await tinyDataset((records) =>
      records.toReversed().map((record, order) => ({ ...record, order, id: `again/${record.hash}` })),
    );
    expect(view.fingerprint).toBe(everything.fingerprint);
    const recipe = { freeze: 'full', epochs: 3, evaluateEvery: 3 } as const;
    for (const random of [false, true]) {
      const [first, again] = [await train(recipe, { random }), await train(recipe, { random, view })];
      expect(again.losses).toEqual(first.losses);
      expect(again.record.evaluations.map(({ metrics }) => metrics['loss'])).toEqual(
        first.record.evaluations.map(({ metrics }) => metrics['loss']),
      );
      const captions = ({ record }: typeof first) => probesOf(record.predictions).map(({ caption }) => caption);
      expect(captions(again)).toEqual(captions(first));
      expect(again.after).toEqual(first.after);
    }
  });
});

describe('frozen layers', () => {
  test.each(['projections', 'last-blocks', 'image-locked', 'text-locked'] as const)(
    '%s: caching their outputs changes nothing but the time',
    async (freeze) => {
      const recipe = { freeze, lastBlocks: 1, epochs: 3, learningRate: 1e-2, evaluateEvery: 3 };
      const cached = await train(recipe);
      const plain = await train(recipe, { cacheBudget: 0 });
      const depth = (run: typeof cached): number => run.task.program.graph.nodes.length;
      expect(depth(cached)).toBeLessThan(depth(plain));
      cached.losses.forEach((loss, step) => expect(loss).toBeCloseTo(plain.losses[step] ?? NaN, 4));
      const loss = (run: typeof cached): number | undefined => run.record.evaluations.at(-1)?.metrics['loss'];
      expect(loss(cached)).toBeCloseTo(loss(plain) ?? NaN, 4);
      expect(plain.task.notes.join()).toContain('too large to keep');
    },
    60_000,
  );

  test('come out bit for bit as they went in', async () => {
    const { after, task } = await train({ freeze: 'last-blocks', lastBlocks: 1, epochs: 2, learningRate: 1e-2 });
    const trained = new Set(task.trainable);
    const changed = [...after].filter(([name, values]) => !sameBits(values, model.tensors.get(name)));
    expect(changed.length).toBeGreaterThan(0);
    for (const [name] of changed) expect(trained.has(name), name).toBe(true);
  });

  test('with changing pictures the image tower starts from pixels and is asked again every epoch', async () => {
    const { task, asked } = await train({ freeze: 'projections', epochs: 2 }, { augmented: true });
    const inputs = task.program.graph.values.filter(({ kind }) => kind === 'input').map(({ name }) => name);
    expect(inputs).toContain('pixels');
    expect(inputs).toContain('views');
    expect(inputs).toContain('text_hidden');
    // Three batches of five, of which two have one pair fewer.
    expect(asked.filter((epoch) => epoch === 0)).toHaveLength(15);
    expect(asked.filter((epoch) => epoch === 1)).toHaveLength(15);
  });

  test('views that change nothing give the run on pictures as they are', async () => {
    const recipe = { freeze: 'full', epochs: 2 } as const;
    const [drawn, plain] = [await train(recipe, { augmented: true }), await train(recipe)];
    expect(drawn.losses).toEqual(plain.losses);
    expect(drawn.after).toEqual(plain.after);
  });

  test('cached views: each is drawn once, and training sees what it would see without a cache', async () => {
    const recipe = {
      freeze: 'projections',
      epochs: 5,
      learningRate: 1e-2,
      augmentFlip: true,
      cachedViews: 2,
      evaluateEvery: 100,
    } as const;
    const cached = await train(recipe, { augmented: true });
    const plain = await train(recipe, { augmented: true, cacheBudget: 0 });
    expect(inputsOf(cached.task)).toContain('image_hidden');
    expect(inputsOf(plain.task)).toContain('pixels');
    // Twelve pictures, one of them with two captions.
    expect(cached.asked.toSorted()).toEqual([...Array<number>(12).fill(0), ...Array<number>(12).fill(1)]);
    expect(new Set(plain.asked)).toEqual(new Set([0, 1]));
    expect(plain.asked.length).toBeGreaterThan(2 * cached.asked.length);
    cached.losses.forEach((loss, step) => expect(loss).toBeCloseTo(plain.losses[step] ?? NaN, 4));
    const oneView = await train({ ...recipe, cachedViews: 1 }, { augmented: true });
    expect(oneView.losses.slice(0, 3)).toEqual(cached.losses.slice(0, 3));
    expect(oneView.losses[4]).not.toBeCloseTo(cached.losses[4] ?? NaN, 4);
  });

  test('a second run starts from the outputs that the first kept, to the same bits', async () => {
    const folder = new MemoryFolder();
    const cache = new FeatureCache(
      () => Promise.resolve([new OpfsRowStorage(folder)]),
      () => Promise.resolve({ quota: 1e9, usage: 0 }),
    );
    const recipe = { freeze: 'last-blocks', lastBlocks: 1, epochs: 2, learningRate: 1e-2, evaluateEvery: 3 } as const;
    const first = await train(recipe, { cache });
    const sizes = (): readonly number[] => [...folder.files.values()].map(({ bytes }) => bytes.length);
    expect(sizes()).toHaveLength(4);
    const after = sizes();
    // Without memory everything comes from disk, and nothing is added there.
    const second = await train(recipe, { cache, cacheBudget: 0 });
    expect(sizes()).toEqual(after);
    expect(second.losses).toEqual(first.losses);
    expect(second.task.notes.join()).toContain('kept on disk');
    expect((await train(recipe)).losses).toEqual(first.losses);
  });

  test('a recipe that freezes everything is refused', async () => {
    await expect(train({ freeze: 'custom', trainableGroups: [] })).rejects.toThrow('nothing to train');
  });
});

describe('steps that need less memory', () => {
  const recipe = { freeze: 'full', epochs: 3, learningRate: 3e-3, batchSize: 7, evaluateEvery: 6 } as const;

  test.each([
    // Batches of seven and six pairs: the last micro-batch ends in padding.
    ['micro-batches', { microBatchSize: 3 }],
    ['micro-batches of one pair', { microBatchSize: 1 }],
    ['checkpointing', { gradientCheckpointing: true }],
    ['both', { microBatchSize: 4, gradientCheckpointing: true }],
  ])(
    '%s: the curve is that of the whole batch',
    async (_, change) => {
      const whole = await train(recipe);
      const spared = await train({ ...recipe, ...change });
      expect(spared.losses).toHaveLength(whole.losses.length);
      spared.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(whole.losses[step] ?? NaN, 4));
      const loss = (run: typeof whole): number | undefined => run.record.evaluations.at(-1)?.metrics['loss'];
      expect(loss(spared)).toBeCloseTo(loss(whole) ?? NaN, 4);
    },
    60_000,
  );

  test.each([
    { freeze: 'projections' },
    { freeze: 'text-locked' },
    { freeze: 'custom', trainableGroups: ['logit_scale'] },
  ] as const)(
    'micro-batches start from cached outputs of frozen layers: $freeze',
    async (frozen) => {
      const whole = await train({ ...recipe, ...frozen, trainableGroups: [...(frozen.trainableGroups ?? [])] });
      const parts = await train({
        ...recipe,
        ...frozen,
        trainableGroups: [...(frozen.trainableGroups ?? [])],
        microBatchSize: 3,
      });
      parts.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(whole.losses[step] ?? NaN, 4));
    },
    60_000,
  );
});

test('every evaluation shows the same captions, base beside tuned', async () => {
  const { events } = await train({ freeze: 'projections', epochs: 4, evaluateEvery: 6 });
  const evaluations = eventsOf(events, 'evaluation');
  expect(evaluations).toHaveLength(2);
  const [first, second] = evaluations.map(({ predictions }) => probesOf(predictions));
  expect(first?.length).toBeGreaterThan(0);
  expect(second?.map(({ caption, base }) => ({ caption, base }))).toEqual(
    first?.map(({ caption, base }) => ({ caption, base })),
  );
  for (const probe of first ?? []) {
    expect(probe.correct).toHaveLength(1);
    expect(probe.base.length).toBe(4);
  }
});

test('tells the logit scale that the readings tell, and reads it from the device only where they do not', async () => {
  const { task, device } = await create({ freeze: 'projections' });
  const reading = (step: number) => ({ step, loss: 1, gradNorm: 1 });
  expect(await task.stepMetrics([1, 2].map((step) => ({ ...reading(step), logitScale: 10 + step })))).toEqual([
    { logitScale: 11 },
    { logitScale: 12 },
  ]);
  const [read] = await task.stepMetrics([reading(3)]);
  expect(read?.['logitScale']).toBeGreaterThan(1);
  expect(await task.stepMetrics([reading(4)])).toEqual([read]);
  task.dispose();
  device.store.dispose();
});

test('a batch of one picture with its captions has nothing to tell apart', async () => {
  const { task, device } = await create({ freeze: 'projections' });
  // The first picture carries two captions.
  expect((await task.inputs([0, 1], 0)).trivial).toBe(true);
  expect((await task.inputs([0, 2], 0)).trivial).toBe(false);
  task.dispose();
  device.store.dispose();
});

function probesOf(predictions: unknown) {
  return contrastive.predictions.parse(predictions);
}

function inputsOf(task: ContrastiveTask): readonly string[] {
  return task.program.graph.values.filter(({ kind }) => kind === 'input').map(({ name }) => name);
}

function sameBits(a: Float32Array, b: Float32Array | undefined): boolean {
  const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);
  return b !== undefined && a.length === b.length && bits(a).every((bit, i) => bit === bits(b)[i]);
}
