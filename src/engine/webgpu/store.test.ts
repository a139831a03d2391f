import { expect, it, vi } from 'vitest';
import { DeviceMemory } from './memory';
import { WebGpuParameterStore } from './store';
import { countingDevice } from './testing/counting-device';

const mebibyte = 2 ** 20;

/** A store of three parameters on a device that counts what is read back. */
async function setup() {
  const { device } = countingDevice();
  const memory = new DeviceMemory(device);
  const sizes = { small: 3, large: 10 * mebibyte, other: 20 * mebibyte };
  const specs = Object.entries(sizes).map(([name, size], value) => ({
    value,
    shape: [size],
    parts: [{ name, shape: [size] }],
  }));
  const tensors = new Map(Object.entries(sizes).map(([name, size]) => [name, new Float32Array(size)]));
  const store = await WebGpuParameterStore.create(specs, tensors, device, memory);
  const copied: number[] = [];
  const staged: number[] = [];
  const encoder = {
    copyBufferToBuffer: (...[, , , , bytes]: readonly unknown[]) => copied.push(bytes as number),
    finish: () => ({}),
  };
  Object.assign(device, {
    createCommandEncoder: () => encoder,
    createBuffer: ({ size }: GPUBufferDescriptor) => {
      staged.push(size);
      return {
        size,
        mapAsync: () => Promise.resolve(),
        getMappedRange: () => new ArrayBuffer(size),
        unmap: () => undefined,
        destroy: () => undefined,
      };
    },
  });
  return { store, copied, staged, memory, held: memory.held, submit: vi.spyOn(device.queue, 'submit') };
}

it('reads the tensors that are asked for and no others', async () => {
  const { store, copied, staged, memory, held } = await setup();
  const read = await store.read(['small']);
  expect([...read.keys()]).toEqual(['small']);
  expect(read.get('small')).toHaveLength(3);
  expect(copied).toEqual([12]);
  expect(staged).toEqual([256]);
  expect(memory.held).toBe(held);
  expect(await store.read([])).toEqual(new Map());
  await expect(store.read(['none'])).rejects.toThrow('The parameter store has no tensor none.');
});

it('reads large tensors in pieces through one staging buffer', async () => {
  const { store, copied, staged, submit } = await setup();
  const read = await store.read();
  expect([...read].map(([name, { length }]) => [name, length])).toEqual([
    ['small', 3],
    ['large', 10 * mebibyte],
    ['other', 20 * mebibyte],
  ]);
  expect(staged).toEqual([32 * mebibyte]);
  expect(copied.reduce((sum, bytes) => sum + bytes, 0)).toBe(4 * (3 + 30 * mebibyte));
  expect(submit).toHaveBeenCalledTimes(4);
});
