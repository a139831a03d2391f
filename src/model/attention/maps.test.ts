import { beforeAll, describe, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { checkMaps, mapModels } from './testing/check';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('what small models attend to, on %s', (kind) => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths });
  });

  test.each(mapModels)('%s matches PyTorch', (name) => checkMaps(executor, name));
});
