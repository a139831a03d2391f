import { beforeAll, describe, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { checkDecoding } from './testing/decoding';
import { storedBlips } from './testing/parity';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(Object.entries(storedBlips))('decoding of %s', (_, stored) => {
  let executor: Executor;

  beforeAll(async () => {
    executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths });
  });

  test('a word at a time from kept keys and values, rows in any order, gives what all words at once give', () =>
    checkDecoding(executor, stored));
});
