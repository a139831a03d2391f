import { expect, it, vi } from 'vitest';
import { attentionForward } from '../ops/attention/kernels';
import { DeviceMemory } from './memory';
import { PipelineCache } from './pipelines';
import { PlanBuilder } from './plan';
import { countingDevice } from './testing/counting-device';

it('dispatches a kernel of bounded parts once for each, with the number of its first workgroup', async () => {
  const { device } = countingDevice();
  const bind = vi.spyOn(device, 'createBindGroup');
  const write = vi.spyOn(device.queue, 'writeBuffer');
  const shape = { batch: 2, tokens: 600, heads: 2, headSize: 8 };
  const options = { causal: false, lengths: false, dropout: 0, salt: 0, mostFlops: { tile: 1e7, rows: 1e7 } };
  const kernel = attentionForward(shape, { ...options, saveLogSumExp: false });
  const { parts = [], flops } = kernel;
  expect(parts.length).toBeGreaterThan(2);
  const builder = new PlanBuilder();
  const operands = [builder.temporary(4 * 3 * 2 * 600 * 16), builder.temporary(4 * 2 * 600 * 16)];
  builder.dispatch(kernel, operands);
  const { dispatches } = await builder.compile(
    'test',
    device,
    new DeviceMemory(device).group(),
    new PipelineCache(device),
  );
  expect(dispatches.map(({ x, y, z }) => [x, y, z])).toEqual(parts.map(({ count }) => [count, 1, 1]));
  expect(dispatches.reduce((sum, dispatch) => sum + dispatch.flops, 0)).toBeCloseTo(flops);
  const [, , firsts] = write.mock.calls[0] ?? [];
  const bound = bind.mock.calls.map(([{ entries }]) => [...entries].at(-1)?.resource as GPUBufferBinding);
  expect(bound.map(({ offset = 0 }) => (firsts as Uint32Array)[offset / 4])).toEqual(parts.map(({ first }) => first));
  expect(() => {
    builder.dispatch(kernel, [...operands, builder.temporary(4)]);
  }).toThrow('has 2 bindings, but 3 buffers were given');
});
