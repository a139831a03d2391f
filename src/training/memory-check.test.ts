import { expect, test } from 'vitest';
import { parseClipConfig } from '../model/clip/config';
import { checkMemory } from './memory-check';
import type { ModelHandle } from './model-handle';
import { FakeExecutor, recipeOf } from './testing/fakes';
import { tinyModel } from './testing/tiny-model';

/** CLIP ViT-B/32, which full fine-tuning on a CPU has no room for. */
const large: ModelHandle = { ...tinyModel(), config: parseClipConfig({ model_type: 'clip' }) };
const executor = new FakeExecutor();

test('a small model fits', () => {
  expect(() => checkMemory(executor, tinyModel(), recipeOf(), 32)).not.toThrow();
});

test('a run that cannot fit is refused with what would help', () => {
  expect(() => checkMemory(executor, large, recipeOf({ freeze: 'full', augmentCrop: 0 }), 256)).toThrow(
    /needs about [\d.]+ GB .* train the projections only/,
  );
});
