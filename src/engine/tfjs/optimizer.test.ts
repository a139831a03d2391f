import { expect, test } from 'vitest';
import { memory } from '@tensorflow/tfjs-core';
import { createTfjsExecutor } from './executor';
import { checkSkippedSteps } from './testing/two-towers';

test('plain JavaScript leaves out steps that are not finite', async () => {
  const executor = await createTfjsExecutor('tfjs-cpu');
  const before = memory().numTensors;
  await checkSkippedSteps(executor);
  expect(memory().numTensors).toBe(before);
});
