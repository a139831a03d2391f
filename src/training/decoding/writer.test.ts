import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { checkWriting } from '../testing/writing';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('on %s', (kind) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
  });
  afterAll(() => executor.dispose());

  test('texts over kept keys and values are those that are read anew', () => checkWriting(executor));
});
