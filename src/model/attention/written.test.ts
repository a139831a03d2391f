import { beforeAll, describe, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { checkWritten, writtenModels } from './testing/written';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('where written words look, on %s', (kind) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
  });

  test.each(writtenModels)('%s match PyTorch', (name) => checkWritten(executor, name));
});
