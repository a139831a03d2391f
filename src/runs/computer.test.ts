import { describe, expect, test } from 'vitest';
import { changeOfComputer, computerSchema, type Computer } from './computer';

const adapter = {
  vendor: 'nvidia',
  architecture: 'ampere',
  device: '',
  description: '',
  features: ['subgroups', 'f16'],
  limits: { maxBufferSize: 2 ** 30, maxComputeInvocationsPerWorkgroup: 1024 },
};
const gpu: Computer = { backend: 'webgpu', name: 'nvidia ampere', adapter };
const cpu: Computer = { backend: 'tfjs-wasm', name: 'CPU (WebAssembly with SIMD, 2 threads)', adapter: null };

describe('what computes has changed', () => {
  test.each<[string, Computer]>([
    ['the vendor', { ...gpu, name: 'intel ampere', adapter: { ...adapter, vendor: 'intel' } }],
    ['the architecture', { ...gpu, name: 'nvidia ada', adapter: { ...adapter, architecture: 'ada' } }],
    ['the device', { ...gpu, adapter: { ...adapter, device: '0x2684' } }],
    ['the description, which names the driver', { ...gpu, adapter: { ...adapter, description: '560.35' } }],
    ['what it is capable of', { ...gpu, adapter: { ...adapter, features: ['f16'] } }],
    ['what it is limited to', { ...gpu, adapter: { ...adapter, limits: { ...adapter.limits, maxBufferSize: 1 } } }],
    ['the kernels', { ...gpu, backend: 'tfjs-webgpu' }],
    ['the kind of device', cpu],
  ])('where %s is another', (_, now) => {
    expect(changeOfComputer(gpu, now)).toEqual({ from: gpu.name, to: now.name });
  });

  test('where the processor has fewer threads', () => {
    const now = { ...cpu, name: 'CPU (WebAssembly with SIMD, 1 thread)' };
    expect(changeOfComputer(cpu, now)).toEqual({ from: cpu.name, to: now.name });
  });
});

test('nothing has changed where all is the same in another order, as storage gives it back, or was not noted', () => {
  const limits = Object.fromEntries(Object.entries(adapter.limits).reverse());
  const same = { ...gpu, adapter: { ...adapter, features: [...adapter.features].reverse(), limits } };
  expect(changeOfComputer(gpu, computerSchema.parse(structuredClone(same)))).toBeNull();
  expect(changeOfComputer(cpu, { ...cpu })).toBeNull();
  expect(changeOfComputer(undefined, cpu)).toBeNull();
});
