import { expect, it, vi } from 'vitest';
import { EngineError } from '../executor';
import type { Kernel } from '../kernels/kernel';
import { defaultChoice } from '../kernel-names';
import { WebGpuExecutor } from './executor';
import { PipelineCache } from './pipelines';
import { countingDevice } from './testing/counting-device';

const parts = [{ name: 'w', shape: [64] }];
const weights = new Map([['w', new Float32Array(64)]]);

/** An executor, one with other kernels, and what the device is asked for. */
function pair() {
  const engine = countingDevice();
  const listen = vi.spyOn(engine.device, 'addEventListener');
  const unlisten = vi.spyOn(engine.device, 'removeEventListener');
  const destroy = vi.spyOn(engine.device, 'destroy');
  const first = new WebGpuExecutor(engine, defaultChoice(engine), null);
  const second = first.withKernels({ ...first.context.choice, attention: () => ({ kind: 'rows' }) }, null);
  return { first, second, listen, unlisten, destroy };
}

it('an executor with other kernels counts memory and keeps compiled kernels with the first', async () => {
  const { first, second } = pair();
  await first.createStore([{ value: 0, shape: [64], parts }], weights);
  expect(second.memory().weights).toBe(256);
  expect(second.memory()).toEqual(first.memory());
  expect(second.context.cache).toBe(first.context.cache);
  expect(second.context.choice).not.toBe(first.context.choice);
});

it('an executor with other kernels leaves the device to the first, and hears of its errors from it', () => {
  const { first, second, listen, unlisten, destroy } = pair();
  expect(listen).toHaveBeenCalledTimes(1);
  const [, heard] = listen.mock.calls[0] ?? [];
  (heard as (event: unknown) => void)({ error: new Error('lost in space') });
  expect(second.context.failure()).toBeInstanceOf(EngineError);
  expect(second.context.failure()).toBe(first.context.failure());
  second.dispose();
  expect(destroy).not.toHaveBeenCalled();
  first.dispose();
  expect(unlisten).toHaveBeenCalledWith('uncapturederror', heard);
  expect(destroy).toHaveBeenCalledTimes(1);
});

it('compiled kernels are kept as long as they are among those used last', async () => {
  const { device } = countingDevice();
  const compile = vi.spyOn(device, 'createComputePipelineAsync');
  const cache = new PipelineCache(device);
  const kernel = (code: string): Kernel => ({
    label: '',
    code,
    bindings: [],
    workgroups: [1, 1, 1],
    flops: 0,
    bytes: 0,
  });
  for (let i = 0; i < 1500; i++) {
    await cache.pipeline(kernel(`kernel ${i}`));
    await cache.pipeline(kernel('used all the time'));
  }
  expect(compile).toHaveBeenCalledTimes(1501);
  await cache.pipeline(kernel('kernel 1400'));
  expect(compile).toHaveBeenCalledTimes(1501);
  await cache.pipeline(kernel('kernel 1'));
  expect(compile).toHaveBeenCalledTimes(1502);
});
