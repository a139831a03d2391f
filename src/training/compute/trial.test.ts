import 'fake-indexeddb/auto';
import { expect, test } from 'vitest';
import type { Executor, Trainer } from '../../engine/executor';
import { createTfjsExecutor } from '../../engine/tfjs/executor';
import { database } from '../../storage/db';
import { FakeExecutor } from '../testing/fakes';
import { tinyModel } from '../testing/tiny-model';
import { readTrial, rememberTrial, timeStep } from './trial';

const model = tinyModel();

/** An executor whose steps never end. */
function stuck(): Executor {
  const inner = new FakeExecutor();
  const compileTraining = async (): Promise<Trainer> => ({
    ...(await inner.compileTraining()),
    step: () => new Promise(() => undefined),
  });
  return Object.assign(new FakeExecutor(), { compileTraining });
}

test('a step is timed on a real executor, which is left as it was', async () => {
  const executor = await createTfjsExecutor('tfjs-cpu');
  const before = executor.memory();
  expect(await timeStep(executor, model)).toBeGreaterThan(0);
  expect({ ...executor.memory(), peak: 0 }).toEqual({ ...before, peak: 0 });
});

test('the second step counts, and both are let go of', async () => {
  const executor = new FakeExecutor();
  expect(await timeStep(executor, model)).toBeGreaterThanOrEqual(0);
  expect(executor.scalars.map(({ step, learningRate }) => [step, learningRate])).toEqual([
    [1, 0],
    [2, 0],
  ]);
  expect(executor.disposedTrainers).toBe(1);
});

test('an executor that fails has no time', async () => {
  const executor = new FakeExecutor(() => {
    throw new Error('The device is gone.');
  });
  expect(await timeStep(executor, model)).toBeNull();
  expect(executor.disposedTrainers).toBe(1);
});

test('a step that takes too long is not waited for', async () => {
  expect(await timeStep(stuck(), model, 10, { warmUp: 20, least: 5 })).toBeNull();
});

test('results are remembered per adapter, model and version; damaged ones count as none', async () => {
  await rememberTrial('llvmpipe', 'local/tiny', '1.0', { webgpu: 20, wasm: null });
  expect(await readTrial('llvmpipe', 'local/tiny', '1.0')).toEqual({ webgpu: 20, wasm: null });
  expect(await readTrial('SwiftShader', 'local/tiny', '1.0')).toBeNull();
  expect(await readTrial('llvmpipe', 'seed-clip', '1.0')).toBeNull();
  expect(await readTrial('llvmpipe', 'local/tiny', '1.1')).toBeNull();
  const db = await database();
  for (const key of await db.getAllKeys('settings')) await db.put('settings', { webgpu: 'fast' }, key);
  expect(await readTrial('llvmpipe', 'local/tiny', '1.0')).toBeNull();
});
