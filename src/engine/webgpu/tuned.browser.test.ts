import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireDevice } from '../device';
import { PLAIN_SGD } from '../executor';
import { towerInputs, towerTensors, twoTowers } from '../tfjs/testing/two-towers';
import type { TuningOptions } from '../tuner';
import { createWebGpuExecutor, type WebGpuExecutor } from './executor';
import { tunedExecutor } from './tuned';

const program = twoTowers();
let executor: WebGpuExecutor;

beforeAll(async () => {
  executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
});

afterAll(() => executor.dispose());

const tune = (remembered: (candidates: readonly string[]) => string | undefined, budget: number) => {
  const cache: TuningOptions['cache'] = {
    get: (key) => Promise.resolve(remembered(key.split(' | ').at(-1)?.split(',') ?? [])),
    set: () => Promise.reject(new Error('nothing to remember')),
  };
  return tunedExecutor(executor, program.graph, { cache, environment: 'test', precision: 'float32', budget });
};

test('with nothing remembered and no time the kernels stay as they are', async () => {
  expect(await tune(() => undefined, 0)).toBeNull();
});

test('other kernels train the parameters of the first executor to the same values', async () => {
  const tuned = await tune((candidates) => candidates.at(-1), 0);
  if (tuned === null) throw new Error('The kernels stayed as they are.');
  expect(tuned.tested?.replaced).toEqual([]);
  const store = await executor.createStore(program.graph.parameters, towerTensors());
  const gradients = async (on: WebGpuExecutor) => {
    const trainer = await on.compileTraining(program, store, PLAIN_SGD);
    expect(tuned.memory()).toEqual(executor.memory());
    const result = await trainer.gradients(towerInputs(), 1);
    trainer.dispose();
    return result;
  };
  const found = await gradients(tuned);
  tuned.dispose();
  const expected = await gradients(executor);
  expect(found.loss).toBeCloseTo(expected.loss, 5);
  for (const [name, values] of expected.gradients) {
    values.forEach((value, at) => expect(found.gradients.get(name)?.[at], name).toBeCloseTo(value, 5));
  }
  store.dispose();
});
