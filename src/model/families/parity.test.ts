// @module-tag slow

import { beforeAll, describe, expect, test } from 'vitest';
import { memory } from '@tensorflow/tfjs-core';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { checkCurve, checkFeatures, checkGradients, optimizerNames } from './testing/parity';
import { storedModels } from './testing/models';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const models = Object.entries(storedModels);

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('small models on %s', (kind) => {
  let executor: Executor;
  let tensorsBefore = 0;

  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
    tensorsBefore = memory().numTensors;
  });

  describe.each(models)('%s', (_, model) => {
    test('features and logits match Transformers', () => checkFeatures(executor, model));

    test('loss and every gradient match PyTorch', () => checkGradients(executor, model));

    test.each(optimizerNames)('twenty steps of %s lie on one curve with PyTorch', (optimizer) =>
      checkCurve(executor, model, optimizer),
    );
  });

  test('nothing is left behind', () => {
    expect(memory().numTensors).toBe(tensorsBefore);
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0 });
  });
});
