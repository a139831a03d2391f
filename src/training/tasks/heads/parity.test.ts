import { afterAll, beforeAll, describe, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { checkHead, headCases } from './testing/parity';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('heads on %s', (kind) => {
  let executor: Executor;

  beforeAll(async () => {
    executor = await createTfjsExecutor(kind, { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });
  });

  afterAll(() => executor.dispose());

  test.each(headCases)('$name: logits, the loss and every gradient match PyTorch', (given) =>
    checkHead(executor, given),
  );
});
