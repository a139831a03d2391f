import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { wasmFiles } from '../../../engine/tfjs/wasm-files';
import { hasRelaxedSimd } from '../../../engine/tfjs/wasm/kernels';
import { checkCurve, checkFeatures, checkGradients, CLIP_FIXTURES, type ClipFixtureName } from './testing/parity';

describe('CLIP on WASM in the browser', () => {
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

  test.each(Object.keys(CLIP_FIXTURES) as ClipFixtureName[])('%s: features, gradients, twenty steps', async (name) => {
    await checkFeatures(executor, name);
    await checkGradients(executor, name);
    await checkCurve(executor, name, 'adamw');
  });
});
