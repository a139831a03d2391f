import { memory } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { acquireDevice } from '../device';
import { plainSgd, type Executor } from '../executor';
import { createTfjsExecutor } from './executor';
import { towerInputs, towerTensors, twoTowers } from './testing/two-towers';

async function gradients(executor: Executor) {
  const training = twoTowers();
  const store = await executor.createStore(training.graph.parameters, towerTensors());
  const trainer = await executor.compileTraining(training, store, plainSgd);
  const result = await trainer.gradients(towerInputs(), 1);
  trainer.dispose();
  store.dispose();
  return result;
}

test('the WebGPU backend on a device of ours computes what the CPU computes', async () => {
  const cpu = await gradients(await createTfjsExecutor('tfjs-cpu'));
  const device = await acquireDevice();
  const errors: string[] = [];
  device.device.addEventListener('uncapturederror', ({ error }) => errors.push(error.message));
  const executor = await createTfjsExecutor('tfjs-webgpu', { device });
  const before = memory().numTensors;
  const gpu = await gradients(executor);
  expect(memory().numTensors).toBe(before);
  expect(executor.description).toContain('TensorFlow.js WebGPU');
  executor.dispose();
  expect(errors).toEqual([]);
  expect(gpu.loss).toBeCloseTo(cpu.loss, 5);
  for (const [name, values] of cpu.gradients) {
    values.forEach((value, at) => expect(gpu.gradients.get(name)?.[at], name).toBeCloseTo(value, 5));
  }
});
