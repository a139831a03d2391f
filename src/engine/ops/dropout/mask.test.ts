import { describe, test } from 'vitest';
import { createTfjsExecutor } from '../../tfjs/executor';
import { checkMasks } from './testing';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('masks of dropout on %s', (kind) => {
  test.each([0.1, 0.5, 0.9])('%d dropped: the share, the seed, and backward as forward', async (probability) => {
    const executor = await createTfjsExecutor(kind, { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });
    await checkMasks(executor, probability);
    executor.dispose();
  });
});
