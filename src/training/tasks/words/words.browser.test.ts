import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../../../engine/device';
import type { Executor } from '../../../engine/executor';
import { createTfjsExecutor } from '../../../engine/tfjs/executor';
import { createWebGpuExecutor } from '../../../engine/webgpu/executor';
import { trainWords } from '../../testing/words-run';
import { answers } from '../answering';
import { captions } from '../captioning';

let onProcessor: Executor;
let onDevice: Executor;

beforeAll(async () => {
  onProcessor = await createTfjsExecutor('tfjs-cpu');
  onDevice = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
}, 300_000);

afterAll(() => onDevice.dispose());

describe.each([
  ['captions', captions],
  ['answers', answers],
] as const)('%s', (_, kind) => {
  test('are taught on WebGPU as on the processor', async () => {
    const recipe = { durationUnit: 'steps', steps: 4, evaluateEvery: 100, labelSmoothing: 0.1 } as const;
    const expected = await trainWords(onProcessor, kind, recipe);
    const found = await trainWords(onDevice, kind, recipe);
    expect(found.losses).toHaveLength(4);
    found.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(expected.losses[step] ?? NaN, 3));
    expect(found.evaluations.at(-1)?.metrics['loss']).toBeCloseTo(
      expected.evaluations.at(-1)?.metrics['loss'] ?? NaN,
      2,
    );
  }, 600_000);
});
