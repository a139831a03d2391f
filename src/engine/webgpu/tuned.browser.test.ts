import { afterAll, beforeAll, expect, test } from 'vitest';
import { acquireDevice } from '../device';
import { plainSgd } from '../executor';
import { towerInputs, towerTensors, twoTowers } from '../tfjs/testing/two-towers';
import { kernelNames } from '../kernel-names';
import type { TuningOptions } from '../tuner';
import { tuningTasks } from '../tuning-tasks';
import { createWebGpuExecutor, type WebGpuExecutor } from './executor';
import { tunedExecutor, type TunedOptions } from './tuned';

const program = twoTowers();
let executor: WebGpuExecutor;

beforeAll(async () => {
  executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
});

afterAll(() => executor.dispose());

const tune = (
  remembered: (candidates: readonly string[]) => string | undefined,
  budget: number,
  options: Partial<TunedOptions> = {},
) => {
  const cache: TuningOptions['cache'] = {
    get: (key) => Promise.resolve(remembered(key.split(' | ').at(-1)?.split(',') ?? [])),
    set: () => Promise.reject(new Error('nothing to remember')),
  };
  return tunedExecutor(executor, program.graph, {
    cache,
    environment: 'test',
    precision: 'float32',
    budget,
    ...options,
  });
};

test('with nothing remembered and no time the kernels stay as they are', async () => {
  const { executor: same, report, kernels } = await tune(() => undefined, 0);
  expect(same).toBe(executor);
  expect(report).toBeNull();
  expect(kernels).toEqual(kernelNames(executor.context.choice, tuningTasks(program.graph, true)));
});

test('other kernels train the parameters of the first executor to the same values', async () => {
  const remembering = await tune((candidates) => candidates.at(-1), 0);
  const { executor: tuned, kernels } = await tune(() => undefined, 0, { pinned: remembering.kernels });
  expect(tuned).not.toBe(executor);
  expect(tuned.tested?.replaced).toEqual([]);
  expect(kernels).toEqual(remembering.kernels);
  expect(kernels).not.toEqual(kernelNames(executor.context.choice, tuningTasks(program.graph, true)));
  const store = await executor.createStore(program.graph.parameters, towerTensors());
  const gradients = async (on: WebGpuExecutor) => {
    const trainer = await on.compileTraining(program, store, plainSgd);
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
