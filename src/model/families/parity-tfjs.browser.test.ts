import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { wasmFiles } from '../../engine/tfjs/wasm-files';
import { hasRelaxedSimd } from '../../engine/tfjs/wasm/kernels';
import { checkCurve, checkFeatures, checkGradients } from './testing/parity';
import { storedModels } from './testing/models';

describe('small models on WASM in the browser', () => {
  let executor: Executor;

  beforeAll(async () => {
    executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths: wasmFiles });
  });

  // What Node, where the other tests run, lacks.
  test('uses relaxed SIMD and, the page being isolated, shared memory', () => {
    expect(executor.description).toContain('with SIMD');
    expect(hasRelaxedSimd()).toBe(true);
    expect(globalThis.crossOriginIsolated).toBe(true);
  });

  test.each(Object.entries(storedModels))('%s: features, gradients, twenty steps', async (_, model) => {
    await checkFeatures(executor, model);
    await checkGradients(executor, model);
    await checkCurve(executor, model, 'adamw');
  });
});
