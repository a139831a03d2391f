import { describe, test } from 'vitest';
import { checkMicroBatches, sharedLosses } from '../testing/micro-batches';
import { createTfjsExecutor } from './executor';

const wasmPaths = 'node_modules/@tensorflow/tfjs-backend-wasm/dist/';

describe.each(['tfjs-cpu', 'tfjs-wasm'] as const)('micro-batches on %s share one loss', (kind) => {
  test.each(sharedLosses)('%s', async (loss) => {
    const executor = await createTfjsExecutor(kind, { wasmPaths });
    await checkMicroBatches(executor, loss);
    executor.dispose();
  });
});
