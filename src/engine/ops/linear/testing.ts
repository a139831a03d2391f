import type { Kernel } from '../../kernels/kernel';
import { packScalars, scalarsBytes } from '../../kernels/scalars';

/** What a test binds: data to upload, in binding order. `read_write` bindings come back. */
export type TestData = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;

/** Runs kernels one by one on a device for tests, with a fresh buffer for every binding. */
export class KernelRunner {
  /** By code: compiling takes most of a test's time on a software adapter. */
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();

  private constructor(readonly device: GPUDevice) {}

  /** @throws if this browser has no WebGPU adapter */
  static async create(): Promise<KernelRunner> {
    const adapter = await navigator.gpu.requestAdapter();
    if (adapter === null) throw new Error('The test needs a WebGPU adapter, and this browser has none.');
    const requiredFeatures = (['subgroups', 'shader-f16'] as const).filter((name) => adapter.features.has(name));
    return new KernelRunner(await adapter.requestDevice({ requiredFeatures }));
  }

  /**
   * Binds `data[i]` at binding i, except for the uniform scalars, dispatches once and returns the contents of the written bindings in order.
   * @throws on a compilation or validation error
   */
  async run(kernel: Kernel, data: readonly TestData[], seed = 0): Promise<Float32Array[]> {
    const { device } = this;
    device.pushErrorScope('validation');
    const pipeline = await this.pipeline(kernel);
    const queue = [...data];
    const given = kernel.parts === undefined ? kernel.bindings : kernel.bindings.slice(0, -1);
    const buffers = given.map((access) => {
      if (access === 'uniform') return this.scalars(seed);
      const values = queue.shift();
      if (values === undefined) throw new Error(`${kernel.label} takes more bindings than the test gave.`);
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: values.byteLength, usage });
      device.queue.writeBuffer(buffer, 0, values);
      return buffer;
    });
    const dispatch = (
      pass: GPUComputePassEncoder,
      own: readonly GPUBuffer[],
      workgroups: Kernel['workgroups'],
    ): void => {
      const entries = own.map((buffer, binding) => ({ binding, resource: { buffer } }));
      pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
      pass.dispatchWorkgroups(...workgroups);
    };
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    if (kernel.parts === undefined) dispatch(pass, buffers, kernel.workgroups);
    for (const { first, count } of kernel.parts ?? []) dispatch(pass, [...buffers, this.number(first)], [count, 1, 1]);
    pass.end();
    const written = buffers.filter((_, index) => given[index] === 'read_write');
    const staging = written.map((buffer) => {
      const copy = device.createBuffer({ size: buffer.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      encoder.copyBufferToBuffer(buffer, 0, copy, 0, buffer.size);
      return copy;
    });
    device.queue.submit([encoder.finish()]);
    const error = await device.popErrorScope();
    if (error !== null) throw new Error(`${kernel.label}: ${error.message}`);
    const results: Float32Array[] = [];
    for (const copy of staging) {
      await copy.mapAsync(GPUMapMode.READ);
      results.push(new Float32Array(copy.getMappedRange().slice(0)));
    }
    for (const buffer of [...buffers, ...staging]) buffer.destroy();
    return results;
  }

  /** Begins to compile kernels, at the same time, before they are run one after the other. A failure is thrown by whoever runs them. */
  prepare(kernels: readonly Kernel[]): void {
    for (const kernel of kernels) this.pipeline(kernel).catch(() => undefined);
  }

  private pipeline({ code }: Kernel): Promise<GPUComputePipeline> {
    const known = this.pipelines.get(code);
    if (known !== undefined) return known;
    const module = this.device.createShaderModule({ code });
    const compute = { module, entryPoint: 'main' };
    const compiling = this.device.createComputePipelineAsync({ layout: 'auto', compute });
    this.pipelines.set(code, compiling);
    return compiling;
  }

  private number(value: number): GPUBuffer {
    const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
    const buffer = this.device.createBuffer({ size: 4, usage });
    this.device.queue.writeBuffer(buffer, 0, new Uint32Array([value]));
    return buffer;
  }

  private scalars(seed: number): GPUBuffer {
    const values = new DataView(new ArrayBuffer(scalarsBytes));
    packScalars(values, { step: 1, seed, learningRate: 0, ringSlot: 0 });
    const buffer = this.device.createBuffer({
      size: scalarsBytes,
      usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
    });
    this.device.queue.writeBuffer(buffer, 0, values);
    return buffer;
  }
}

/** Repeatable numbers in [-1, 1). */
export function noise(count: number, seed: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(count);
  let state = seed >>> 0;
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    values[i] = state / 2 ** 31 - 1;
  }
  return values;
}

/** Largest difference, relative to the largest magnitude expected (or absolute, where that is below `floor`). */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>, floor = 1e-3): number {
  if (actual.length !== expected.length) return Infinity;
  let largest = floor;
  let difference = 0;
  for (let i = 0; i < expected.length; i++) {
    const e = expected[i] ?? NaN;
    largest = Math.max(largest, Math.abs(e));
    const d = Math.abs((actual[i] ?? NaN) - e);
    if (!(d <= difference)) difference = Number.isNaN(d) ? Infinity : d;
  }
  return difference / largest;
}
