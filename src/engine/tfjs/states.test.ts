import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Executor } from '../executor';
import { checkDecoding, checkTrainedState } from '../testing/states';
import { createTfjsExecutor } from './executor';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('states on %s', (kind) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
  });
  afterAll(() => executor.dispose());

  test('keep keys and values while tokens are attended to one by one', () => checkDecoding(executor));
  test('take the values of a training step', () => checkTrainedState(executor));
});
