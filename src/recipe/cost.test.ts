import { expect, test } from 'vitest';
import { costKey } from './cost';
import { defaultRecipe, withFields, type RecipeChange } from './fields';

const keyOf = (change: RecipeChange): string => costKey(withFields(defaultRecipe, change));

test.each<RecipeChange>([
  { learningRate: 1e-5, schedule: 'linear', warmupRatio: 0.2, weightDecay: 0 },
  { epochs: 99 },
  { durationUnit: 'steps', steps: 7 },
  { seed: 1, evaluateEvery: 5, earlyStopping: true, patience: 2, restoreBest: false },
  { labelSmoothing: 0.1, maxLogitScale: 50, layerDecay: 0.8 },
])('%j changes nothing of what a step costs', (change) => {
  expect(keyOf(change)).toBe(keyOf({}));
});

test.each<RecipeChange>([
  { batchSize: 8 },
  { freeze: 'projections' },
  { lastBlocks: 3 },
  { optimizer: 'sgd' },
  { gradientCheckpointing: true },
  { augmentCrop: 0 },
  { cachedViews: 4 },
  { attentionDropout: 0.1 },
  { task: 'classification' },
  { model: 'local/other' },
])('%j may change it', (change) => {
  expect(keyOf(change)).not.toBe(keyOf({}));
});
