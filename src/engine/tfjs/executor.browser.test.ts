import { memory } from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { acquireDevice } from '../device';
import { PLAIN_SGD, type Executor } from '../executor';
import { GraphBuilder } from '../graph/builder';
import { differentiate } from '../graph/differentiate';
import { createTfjsExecutor } from './executor';

/** Two linear towers of one layer: few kernels, since a software adapter takes long to compile each. */
function program() {
  const builder = new GraphBuilder();
  const tower = (name: string) => {
    const weight = builder.parameter([6, 5], { name, shape: [6, 5] });
    return builder.normalize(builder.linear(builder.input(`${name}.x`, 'f32', [4, 5]), weight));
  };
  const scale = builder.parameter([], { name: 'scale', shape: [] });
  const keys = { imageKeys: builder.input('keys', 'i32', [4]), textKeys: builder.input('keys', 'i32', [4]) };
  const loss = builder.contrastiveLoss(tower('image'), tower('text'), scale, { ...keys, labelSmoothing: 0.1 });
  const graph = builder.build({ loss });
  return differentiate(graph, loss, new Set(graph.parameters.map(({ value }) => value)));
}

async function gradients(executor: Executor) {
  const wave = (length: number, phase: number) => Float32Array.from({ length }, (_, i) => Math.sin(i * 1.7 + phase));
  const tensors = new Map([
    ['image', wave(30, 1)],
    ['text', wave(30, 2)],
    ['scale', new Float32Array([2])],
  ]);
  const training = program();
  const store = await executor.createStore(training.graph.parameters, tensors);
  const trainer = await executor.compileTraining(training, store, PLAIN_SGD);
  const inputs = { 'image.x': wave(20, 3), 'text.x': wave(20, 4), keys: new Int32Array([0, 1, 1, -1]) };
  const result = await trainer.gradients(inputs, 1);
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
