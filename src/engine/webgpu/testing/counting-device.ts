import type { AdapterDescription, EngineDevice } from '../../device';

const limits = {
  maxBufferSize: 4 * 2 ** 30,
  maxStorageBufferBindingSize: 2 * 2 ** 30 - 4,
  maxComputeWorkgroupStorageSize: 32_768,
  maxComputeInvocationsPerWorkgroup: 1024,
};

/** Answers any call with an empty object. */
const anything = (): object => ({});

/**
 * A device that holds nothing and computes nothing, to count in Node what a plan would allocate.
 *
 * @param adapter what kind of adapter it passes for: it decides which kernels are planned
 */
export function countingDevice(adapter: Partial<AdapterDescription> = {}): EngineDevice {
  const device = {
    limits,
    queue: { writeBuffer: () => undefined, submit: () => undefined },
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
    pushErrorScope: () => undefined,
    popErrorScope: () => Promise.resolve(null),
    createBuffer: ({ size }: GPUBufferDescriptor) => ({ size, destroy: () => undefined }),
    createBindGroupLayout: anything,
    createPipelineLayout: anything,
    createShaderModule: anything,
    createBindGroup: anything,
    createComputePipelineAsync: () => Promise.resolve({}),
    destroy: () => undefined,
  };
  return {
    device: device as unknown as GPUDevice,
    adapter: {
      vendor: '',
      architecture: '',
      device: '',
      description: '',
      software: false,
      name: 'counting',
      ...adapter,
    },
    features: { f16: true, subgroups: true, timestamps: false },
    limits,
    refused: [],
    lost: new Promise(() => undefined),
  };
}
