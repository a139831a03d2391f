import { EngineError } from './executor';
import { dispatchSizes } from './kernels/kernel';
import { bufferUsage, mapRead } from './webgpu/constants';
import type { RunStep } from './webgpu/kernel-run';
import type { PipelineCache } from './webgpu/pipelines';

/** Work of one timed run on a GPU, so that it outlasts the granularity of browsers' clocks. */
const runFlops = 1e9;

/** Times kernels on zeros, one after another on the same buffers. */
export class KernelTiming {
  private readonly buffers: ReadonlyMap<string, GPUBuffer>;
  private readonly stamps: Timestamps | null;

  /**
   * @param elements floats of each buffer
   * @param options `timestamps`: the device measures; `once`: kernels are slow enough for the clock `now` to time one run of them
   */
  constructor(
    private readonly device: GPUDevice,
    private readonly pipelines: PipelineCache,
    elements: Readonly<Record<string, number>>,
    private readonly options: { readonly timestamps: boolean; readonly once: boolean; readonly now: () => number },
  ) {
    this.buffers = new Map(
      Object.entries({ ...elements, part: 1 }).map(([name, count]) => [
        name,
        device.createBuffer({ label: `tuning ${name}`, size: 4 * count, usage: bufferUsage.storage }),
      ]),
    );
    this.stamps = options.timestamps ? new Timestamps(device) : null;
  }

  /**
   * Milliseconds that the kernels take together: the shortest of a few runs after one that warms up. Infinite where the adapter's compiler
   * rejects one of them.
   */
  async time(steps: readonly RunStep[]): Promise<number> {
    const { device, pipelines } = this;
    let compiled: readonly GPUComputePipeline[];
    try {
      compiled = await Promise.all(steps.map(([kernel]) => pipelines.pipeline(kernel)));
    } catch (error) {
      if (error instanceof EngineError && error.code === 'validation') return Infinity;
      throw error;
    }
    const dispatches = steps.map(([kernel, ...names], index) => {
      // Any part takes as long as the first one: a zero does for all of them.
      const bound = kernel.parts === undefined ? names : [...names, 'part'];
      const entries = bound.map((name, binding) => ({ binding, resource: { buffer: this.buffer(name) } }));
      const group = device.createBindGroup({ layout: pipelines.layout(kernel.bindings), entries });
      return { pipeline: compiled[index], group, sizes: dispatchSizes(kernel) };
    });
    const flops = steps.reduce((sum, [kernel]) => sum + kernel.flops, 0);
    const repeats = this.options.once ? 1 : Math.max(1, Math.min(64, Math.ceil(runFlops / flops)));
    const run = async (): Promise<number> => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass(this.stamps === null ? {} : { timestampWrites: this.stamps.writes });
      for (let i = 0; i < repeats; i++) {
        for (const { pipeline, group, sizes } of dispatches) {
          if (pipeline === undefined) continue;
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          for (const size of sizes) pass.dispatchWorkgroups(...size);
        }
      }
      pass.end();
      this.stamps?.resolve(encoder);
      const start = this.options.now();
      device.queue.submit([encoder.finish()]);
      if (this.stamps !== null) return (await this.stamps.read()) / repeats;
      await device.queue.onSubmittedWorkDone();
      return (this.options.now() - start) / repeats;
    };
    await run();
    return Math.min(await run(), await run());
  }

  dispose(): void {
    for (const buffer of this.buffers.values()) buffer.destroy();
    this.stamps?.destroy();
  }

  private buffer(name: string): GPUBuffer {
    const buffer = this.buffers.get(name);
    if (buffer === undefined) throw new Error(`There is no buffer ${name} to time kernels on.`);
    return buffer;
  }
}

/** Begin and end of one compute pass, measured by the device. */
class Timestamps {
  private readonly set: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(device: GPUDevice) {
    this.set = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.resolved = device.createBuffer({ size: 16, usage: bufferUsage.queryResolve | bufferUsage.copySource });
    this.staging = device.createBuffer({ size: 16, usage: bufferUsage.copyDestination | bufferUsage.mapRead });
  }

  get writes(): GPUComputePassTimestampWrites {
    return { querySet: this.set, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
  }

  resolve(encoder: GPUCommandEncoder): void {
    encoder.resolveQuerySet(this.set, 0, 2, this.resolved, 0);
    encoder.copyBufferToBuffer(this.resolved, 0, this.staging, 0, 16);
  }

  /** Milliseconds between the two. */
  async read(): Promise<number> {
    await this.staging.mapAsync(mapRead);
    const [begin = 0n, end = 0n] = new BigInt64Array(this.staging.getMappedRange());
    this.staging.unmap();
    return Number(end - begin) / 1e6;
  }

  destroy(): void {
    this.set.destroy();
    this.resolved.destroy();
    this.staging.destroy();
  }
}
