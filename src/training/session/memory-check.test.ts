import { withFields } from '../../recipe/fields';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../engine/executor';
import { capacityOf } from '../compute/capacity';
import { checkMemory, withRemedies } from './memory-check';
import { memoryShortage, runMemory, type RunSituation } from './run-memory';
import { recipeOf } from '../testing/fakes';
import { tinyModel } from '../testing/tiny-model';
import { openArchitecture } from '../../model/families';

/** CLIP ViT-B/32 on two thousand pairs. */
const large: RunSituation = {
  architecture: openArchitecture({ model_type: 'clip' }),
  kind: 'tfjs-wasm',
  mixedPrecision: false,
  trainPairs: 2048,
  trainImages: 2048,
  validationImages: 252,
  texts: 2300,
  evaluated: true,
};
const wasm = capacityOf('tfjs-wasm', null);
const still = { augmentCrop: 0, augmentFlip: false, augmentColor: 0 } as const;

test('a small model fits', () => {
  const situation: RunSituation = { ...large, architecture: tinyModel().architecture };
  expect(() => checkMemory(recipeOf(), situation, wasm)).not.toThrow();
});

test('a run that cannot fit is refused with what would help, and every remedy makes it fit', () => {
  const recipe = recipeOf({ freeze: 'full', batchSize: 256, ...still });
  expect(() => checkMemory(recipe, large, capacityOf('tfjs-cpu', null))).toThrow(
    /needs about [\d.]+ GB, and 4\.3 GB can be used\. To make it fit, .*train the matching layers only\.$/,
  );
  const shortage = memoryShortage(recipe, large, capacityOf('tfjs-cpu', null));
  expect(shortage?.remedies.length).toBeGreaterThan(1);
  for (const { change } of shortage?.remedies ?? []) {
    expect(memoryShortage(withFields(recipe, change), large, capacityOf('tfjs-cpu', null))).toBeNull();
  }
});

describe('what a run keeps in the tab', () => {
  const cpu = capacityOf('tfjs-cpu', null);

  test('counts against the memory that a tab gets, with remedies that fit', () => {
    // By itself what is computed fits; beside the pictures it does not.
    const recipe = recipeOf({ freeze: 'full', batchSize: 16, ...still });
    const needed = runMemory(recipe, large)?.total ?? NaN;
    const many: RunSituation = { ...large, trainImages: 10_000, trainPairs: 10_000 };
    const capacity = { ...cpu, tab: needed + 400e6 };
    expect(memoryShortage(recipe, large, capacity)).toBeNull();
    const shortage = memoryShortage(recipe, many, capacity);
    expect(shortage?.message).toMatch(/of the tab's memory, with 0\.5 GB of decoded pictures and 0\.00 GB of outputs/);
    expect(shortage?.remedies.length).toBeGreaterThan(0);
    for (const { change } of shortage?.remedies ?? []) {
      expect(memoryShortage(withFields(recipe, change), many, capacity)).toBeNull();
    }
  });

  test('is pictures, squares and outputs of frozen layers, each up to its budget', () => {
    const many: RunSituation = { ...large, kind: 'webgpu', trainImages: 1e6, trainPairs: 1e6, validationImages: 1e6 };
    const changing = recipeOf({ freeze: 'projections', batchSize: 16, augmentFlip: true, cachedViews: 0 });
    const mebibyte = 2 ** 20;
    expect(runMemory(changing, many)).toMatchObject({ pictures: 1024 * mebibyte });
    expect(runMemory({ ...changing, ...still }, many)).toMatchObject({ pictures: 512 * mebibyte });
    const few = runMemory(changing, { ...large, kind: 'webgpu' });
    // Views that never come back are not kept; what evaluation sees is.
    expect(few?.cache).toBe(4 * (252 * 768 + 2300 * 512));
    expect(runMemory({ ...changing, cachedViews: 2 }, large)?.cache).toBe(4 * ((2 * 2048 + 252) * 768 + 2300 * 512));
    expect(runMemory({ ...changing, ...still }, large)?.cache).toBe(4 * (2300 * 768 + 2300 * 512));
    expect(few?.tab).toBe((few?.cache ?? NaN) + (few?.pictures ?? NaN));
  });
});

test('mixed precision counts where the executor can train in it', () => {
  const recipe = recipeOf({ freeze: 'full', batchSize: 64, mixedPrecision: true, ...still });
  const gpu: RunSituation = { ...large, kind: 'webgpu' };
  const activations = (situation: RunSituation): number => runMemory(recipe, situation)?.activations ?? NaN;
  expect(activations({ ...gpu, mixedPrecision: true })).toBeLessThan(0.7 * activations(gpu));
  expect(runMemory(recipe, gpu)).toEqual(runMemory({ ...recipe, mixedPrecision: false }, gpu));
});

test('micro-batches come first where they are enough', () => {
  const recipe = recipeOf({ freeze: 'last-blocks', lastBlocks: 4, batchSize: 512, ...still });
  const shortage = memoryShortage(recipe, large, wasm);
  expect(shortage?.remedies[0]?.change).toHaveProperty('microBatchSize');
});

test('a GPU that does not tell its memory is not second-guessed, but a tensor over its limit is refused', () => {
  const gpu: RunSituation = { ...large, kind: 'webgpu' };
  const recipe = recipeOf({ freeze: 'full', batchSize: 1024, ...still });
  expect(() => checkMemory(recipe, gpu, capacityOf('webgpu', 2 ** 31 - 4))).not.toThrow();
  expect(() => checkMemory(recipe, gpu, capacityOf('webgpu', 256 * 2 ** 20))).toThrow(
    /tensor of [\d.]+ GB, and the graphics adapter takes 0\.3 GB.*use micro-batches of \d+/,
  );
  // The table of token embeddings alone is larger.
  expect(() => checkMemory(recipe, gpu, capacityOf('webgpu', 64 * 2 ** 20))).toThrow(/Choose a smaller model\.$/);
});

describe('a device that has no room', () => {
  const gpu: RunSituation = { ...large, kind: 'webgpu' };
  const recipe = recipeOf({ freeze: 'full', batchSize: 256, ...still });

  test('is answered with what makes the run markedly smaller', () => {
    const full = new EngineError('out-of-memory', 'The graphics adapter has no memory left for training.');
    const explained = withRemedies(full, recipe, gpu);
    expect(explained).toMatchObject({ code: 'out-of-memory', cause: full });
    expect(String(explained)).toMatch(/left for training\. To make it fit, use micro-batches of \d+/);
    const size = Number(/micro-batches of (\d+)/.exec(String(explained))?.[1]);
    const [before, after] = [runMemory(recipe, gpu), runMemory({ ...recipe, microBatchSize: size }, gpu)];
    expect((after?.total ?? 0) / (before?.total ?? 1)).toBeLessThan(0.76);
  });

  test('other failures stay as they are', () => {
    const lost = new EngineError('device-lost', 'Gone.');
    expect(withRemedies(lost, recipe, gpu)).toBe(lost);
  });
});

test('a classifier needs no text tower in its step, and trains its head where every layer is frozen', () => {
  const change = { freeze: 'full', batchSize: 64, ...still } as const;
  const pairs = runMemory(recipeOf(change), large);
  const classes = runMemory(withFields(recipeOf(change), { task: 'classification' }), large);
  expect(classes?.activations).toBeLessThan(pairs?.activations ?? 0);
  expect(classes?.gradients).toBeLessThan(pairs?.gradients ?? 0);
  const head = runMemory(recipeOf({ ...change, task: 'classification', freeze: 'custom', trainableGroups: [] }), large);
  expect(head?.gradients).toBeGreaterThan(0);
  expect(head?.gradients).toBeLessThan((classes?.gradients ?? 0) / 10);
});
