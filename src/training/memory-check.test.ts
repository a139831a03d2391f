import { describe, expect, test } from 'vitest';
import { EngineError } from '../engine/executor';
import { parseClipConfig } from '../model/clip/config';
import { capacityOf } from './capacity';
import { checkMemory, withRemedies } from './memory-check';
import { memoryShortage, runMemory, type RunSituation } from './run-memory';
import { recipeOf } from './testing/fakes';
import { tinyModel } from './testing/tiny-model';

/** CLIP ViT-B/32 on two thousand pairs. */
const large: RunSituation = {
  config: parseClipConfig({ model_type: 'clip' }),
  kind: 'tfjs-wasm',
  mixedPrecision: false,
  trainPairs: 2048,
  images: 2300,
  texts: 2300,
  evaluated: true,
};
const wasm = capacityOf('tfjs-wasm', null);
const still = { augmentCrop: 0, augmentFlip: false, augmentColor: 0 } as const;

test('a small model fits', () => {
  const situation: RunSituation = { ...large, config: tinyModel().config };
  expect(() => checkMemory(recipeOf(), situation, wasm)).not.toThrow();
});

test('a run that cannot fit is refused with what would help, and every remedy makes it fit', () => {
  const recipe = recipeOf({ freeze: 'full', batchSize: 256, ...still });
  expect(() => checkMemory(recipe, large, capacityOf('tfjs-cpu', null))).toThrow(
    /needs about [\d.]+ GB, and 4\.3 GB can be used\. To make it fit, .*train the projections only\.$/,
  );
  const shortage = memoryShortage(recipe, large, capacityOf('tfjs-cpu', null));
  expect(shortage?.remedies.length).toBeGreaterThan(1);
  for (const { change } of shortage?.remedies ?? []) {
    expect(memoryShortage({ ...recipe, ...change }, large, capacityOf('tfjs-cpu', null))).toBeNull();
  }
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
