// @module-tag slow

import { memory } from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { blipOptimizers, checkBlip, checkBlipCurve, storedBlips } from './testing/parity';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('small BLIP models on %s', (kind) => {
  let executor: Executor;
  let tensorsBefore = 0;

  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
    tensorsBefore = memory().numTensors;
  });

  describe.each(Object.entries(storedBlips))('%s', (_, model) => {
    test('logits, loss and every gradient match Transformers with every way of labels', () =>
      checkBlip(executor, model));

    test.each(blipOptimizers)('twenty steps of %s lie on one curve with PyTorch', (optimizer) =>
      checkBlipCurve(executor, model, optimizer),
    );
  });

  test('nothing is left behind', () => {
    expect(memory().numTensors).toBe(tensorsBefore);
  });
});
