import { EngineError } from './executor';
import { dispatchSizes, type Kernel } from './kernels/kernel';
import { floatBytes, withStorage, type FloatStorage } from './kernels/storage';
import { bufferUsage } from './webgpu/constants';
import type { RunStep } from './webgpu/kernel-run';
import { aligned, withBuffers, type BufferGroup, type DeviceMemory } from './webgpu/memory';
import type { PipelineCache } from './webgpu/pipelines';
import { mapForReading } from './webgpu/readback';

/** Milliseconds in which browsers' clocks advance: Chrome rounds timestamps of the device to 0.1 ms, and others round their clocks as coarsely. */
const resolution = 0.1;

/** A shorter span is mostly rounding. */
const leastSpan = 20 * resolution;

/** Runs of a kernel within one measurement at most: enough for one that takes a hundredth of the resolution. */
const mostRepeats = 2000;

/** A buffer that timed kernels bind. */
export interface TimedBuffer {
  readonly elements: number;
  /** As the step that the kernels are timed for stores it. */
  readonly storage: FloatStorage;
}

export type TimedBuffers = Readonly<Record<string, TimedBuffer>>;

/** What tells a dispatch which part of a kernel's work it does. Any part takes as long as the first: a zero does for all of them. */
const part: TimedBuffers = { part: { elements: 1, storage: 'f32' } };

/** Bytes that timing with these buffers takes. */
export function timedBytes(buffers: TimedBuffers): number {
  return Object.values({ ...buffers, ...part }).reduce(
    (sum, { elements, storage }) => sum + aligned(floatBytes[storage] * elements),
    0,
  );
}

export interface TimingOptions {
  /** The device measures. */
  readonly timestamps: boolean;
  /** A clock in milliseconds, for where it does not. */
  readonly now: () => number;
}

/** Times kernels on zeros, one after another on the same buffers. */
export class KernelTiming {
  private constructor(
    private readonly device: GPUDevice,
    private readonly pipelines: PipelineCache,
    private readonly group: BufferGroup,
    private readonly buffers: ReadonlyMap<string, { readonly buffer: GPUBuffer; readonly storage: FloatStorage }>,
    private readonly stamps: Timestamps | null,
    private readonly now: () => number,
  ) {}

  /** @throws EngineError `limit` where a buffer is too large for the adapter, `out-of-memory` */
  static create(
    memory: DeviceMemory,
    pipelines: PipelineCache,
    buffers: TimedBuffers,
    { timestamps, now }: TimingOptions,
  ): Promise<KernelTiming> {
    const { device } = memory;
    return withBuffers(memory, async (group) => {
      const { made, stamps } = await group.scoped('timing kernels', () => ({
        made: new Map(
          Object.entries({ ...buffers, ...part }).map(([name, { elements, storage }]) => {
            const bytes = floatBytes[storage] * elements;
            return [name, { buffer: group.buffer('other', `tuning ${name}`, bytes, bufferUsage.storage), storage }];
          }),
        ),
        stamps: timestamps ? new Timestamps(device, group) : null,
      }));
      return new KernelTiming(device, pipelines, group, made, stamps, now);
    });
  }

  /**
   * Milliseconds that the kernels take together: the shorter of two measurements, each of so many runs that it outlasts the clock's rounding, after
   * a run that warms up. Infinite where the adapter rejects one of them; null where `end` came first.
   * @throws EngineError `out-of-memory`
   */
  async time(steps: readonly RunStep[], end: number): Promise<number | null> {
    try {
      const dispatches = await this.prepare(steps);
      await this.run(dispatches, 1);
      for (let repeats = 1; ;) {
        if (this.now() >= end) return null;
        const span = await this.run(dispatches, repeats);
        if (span >= leastSpan || repeats === mostRepeats) {
          return Math.min(span, await this.run(dispatches, repeats)) / repeats;
        }
        // What is far below the least span may be anything from next to nothing up: it is approached in steps.
        const factor = Math.min(16, Math.max(2, Math.ceil((1.5 * leastSpan) / Math.max(span, resolution))));
        repeats = Math.min(mostRepeats, repeats * factor);
      }
    } catch (error) {
      if (error instanceof EngineError && error.code === 'validation') return Infinity;
      throw error;
    }
  }

  dispose(): void {
    this.group.dispose();
    this.stamps?.dispose();
  }

  private async prepare(steps: readonly RunStep[]): Promise<readonly TimedDispatch[]> {
    const { device, pipelines } = this;
    const bound = steps.map(([kernel, ...names]) => {
      const held = [...names, ...(kernel.parts === undefined ? [] : ['part'])].map((name) => this.held(name));
      const stored = withStorage(
        kernel,
        held.map(({ storage }) => storage),
      );
      return { kernel: stored, entries: held.map(({ buffer }, binding) => ({ binding, resource: { buffer } })) };
    });
    const compiled = await Promise.all(bound.map(({ kernel }) => pipelines.pipeline(kernel)));
    return this.group.scoped('timing kernels', () =>
      bound.flatMap(({ kernel, entries }, index) => {
        const pipeline = compiled[index];
        if (pipeline === undefined) return [];
        const group = device.createBindGroup({ layout: pipelines.layout(kernel.bindings), entries });
        return [{ pipeline, group, sizes: dispatchSizes(kernel) }];
      }),
    );
  }

  /** Milliseconds that so many runs take. Drivers may find only now that they have no room. */
  private async run(dispatches: readonly TimedDispatch[], repeats: number): Promise<number> {
    const { device, stamps, now } = this;
    const start = now();
    let done = start;
    const finished = await this.group.scoped('timing kernels', () => {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass(stamps === null ? {} : { timestampWrites: stamps.writes });
      for (let i = 0; i < repeats; i++) {
        for (const { pipeline, group, sizes } of dispatches) {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group);
          for (const size of sizes) pass.dispatchWorkgroups(...size);
        }
      }
      pass.end();
      stamps?.resolve(encoder);
      device.queue.submit([encoder.finish()]);
      return { work: device.queue.onSubmittedWorkDone().then(() => void (done = now())) };
    });
    await finished.work;
    return stamps === null ? done - start : stamps.read();
  }

  private held(name: string): { readonly buffer: GPUBuffer; readonly storage: FloatStorage } {
    const held = this.buffers.get(name);
    if (held === undefined) throw new Error(`There is no buffer ${name} to time kernels on.`);
    return held;
  }
}

interface TimedDispatch {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly sizes: readonly Kernel['workgroups'][];
}

/** Begin and end of one compute pass, measured by the device. */
class Timestamps {
  private readonly set: GPUQuerySet;
  private readonly resolved: GPUBuffer;
  private readonly staging: GPUBuffer;

  constructor(device: GPUDevice, group: BufferGroup) {
    this.set = device.createQuerySet({ type: 'timestamp', count: 2 });
    this.resolved = group.buffer('other', 'timestamps', 16, bufferUsage.queryResolve | bufferUsage.copySource);
    this.staging = group.buffer('other', 'timestamps', 16, bufferUsage.copyDestination | bufferUsage.mapRead);
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
    await mapForReading(this.staging);
    const [begin = 0n, end = 0n] = new BigInt64Array(this.staging.getMappedRange());
    this.staging.unmap();
    return Number(end - begin) / 1e6;
  }

  dispose(): void {
    this.set.destroy();
  }
}
