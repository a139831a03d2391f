import { afterAll, beforeAll, describe, test } from 'vitest';
import { acquireDevice } from '../../../engine/device';
import { createWebGpuExecutor, type WebGpuExecutor } from '../../../engine/webgpu/executor';
import { checkDecoding } from './testing/decoding';
import { checkBlip, checkBlipCurve, storedBlips } from './testing/parity';

describe.each(Object.entries(storedBlips))('small BLIP of %s on WebGPU', (_, model) => {
  let executor: WebGpuExecutor;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
  });

  afterAll(() => executor.dispose());

  test('logits, loss and every gradient match Transformers with every way of labels', () => checkBlip(executor, model));

  test('twenty steps of adamw lie on one curve with PyTorch', () => checkBlipCurve(executor, model, 'adamw'));

  test('a word at a time from kept keys and values gives what all words at once give', () =>
    checkDecoding(executor, model));
});
