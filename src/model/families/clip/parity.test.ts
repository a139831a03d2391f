import { beforeAll, describe, expect, test } from 'vitest';
import { memory } from '@tensorflow/tfjs-core';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import {
  checkCurve,
  checkFeatures,
  checkGradients,
  CLIP_FIXTURES,
  OPTIMIZERS,
  type ClipFixtureName,
} from './testing/parity';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';
const names = Object.keys(CLIP_FIXTURES) as ClipFixtureName[];

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('CLIP on %s', (kind) => {
  let executor: Executor;
  let tensorsBefore = 0;

  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
    tensorsBefore = memory().numTensors;
  });

  describe.each(names)('%s', (name) => {
    test('features and logits match Transformers', () => checkFeatures(executor, name));

    test('loss and every gradient match PyTorch', () => checkGradients(executor, name));

    test.each(OPTIMIZERS)('twenty steps of %s lie on one curve with PyTorch', (optimizer) =>
      checkCurve(executor, name, optimizer),
    );
  });

  test('nothing is left behind', () => {
    expect(memory().numTensors).toBe(tensorsBefore);
    expect(executor.memory()).toMatchObject({ weights: 0, gradients: 0, moments: 0, activations: 0 });
  });
});
