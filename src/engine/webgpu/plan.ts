import { EngineError } from '../executor';
import type { Kernel } from '../kernels/kernel';
import { bufferUsage } from './constants';
import { aligned, type DeviceMemory } from './memory';
import type { PipelineCache } from './pipelines';
import { peakBytes, planSlots, type Lifetime } from './slots';

/** Memory that the plan places itself, by when it is used. */
export interface Temporary {
  readonly kind: 'temporary';
  readonly id: number;
  readonly bytes: number;
}

/** Part of a buffer that exists before the plan and outlives it. */
export interface Slice {
  readonly kind: 'slice';
  readonly buffer: GPUBuffer;
  /** Multiple of `bindingAlignment`. */
  readonly offset: number;
  readonly bytes: number;
}

export type Operand = Temporary | Slice;

/** A dispatch ready to be issued. */
export interface PlannedDispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly x: number;
  readonly y: number;
  readonly z: number;
  /** Estimated work, in floating-point operations; memory traffic is converted. */
  readonly work: number;
}

/** Recorded dispatches with their memory. Issuing them allocates nothing. */
export interface Plan {
  readonly dispatches: readonly PlannedDispatch[];
  /** Floating-point operations of all dispatches. */
  readonly flops: number;
  /** Sum of the dispatches' estimated work. */
  readonly work: number;
  /** Bytes of the plan's temporaries, and the least that any placement could do with. */
  readonly arena: { readonly bytes: number; readonly needed: number };
  /** Where a temporary lies. Its content is defined only while it is alive. */
  locate(temporary: Temporary): Slice;
  dispose(): void;
}

/** Floating-point operations in whose time one byte of memory traffic goes by, roughly, on GPUs and CPUs alike. */
const workPerByte = 4;

/** Work of an empty dispatch. */
const workPerDispatch = 50_000;

/** Collects dispatches in order, then places memory, compiles and binds everything at once. */
export class PlanBuilder {
  private readonly recorded: { readonly kernel: Kernel; readonly operands: readonly Operand[] }[] = [];
  private readonly temporaries: Temporary[] = [];
  private readonly kept = new Set<number>();

  /** Dispatches recorded so far: the position where a phase ends. */
  get length(): number {
    return this.recorded.length;
  }

  temporary(bytes: number): Temporary {
    const temporary: Temporary = {
      kind: 'temporary',
      id: this.temporaries.length,
      bytes: Math.max(16, aligned(bytes)),
    };
    this.temporaries.push(temporary);
    return temporary;
  }

  /** Keeps a temporary to the end of the plan, for reading back. */
  keep(operand: Operand): void {
    if (operand.kind === 'temporary') this.kept.add(operand.id);
  }

  dispatch(kernel: Kernel, operands: readonly Operand[]): void {
    if (operands.length !== kernel.bindings.length) {
      throw new Error(
        `${kernel.label} has ${kernel.bindings.length} bindings, but ${operands.length} buffers were given.`,
      );
    }
    this.recorded.push({ kernel, operands });
  }

  /**
   * @throws EngineError `limit`, `out-of-memory` or `validation`
   */
  async compile(what: string, device: GPUDevice, memory: DeviceMemory, cache: PipelineCache): Promise<Plan> {
    const lifetimes = this.lifetimes();
    const used = lifetimes.filter(({ last }) => last >= 0);
    const { slots, slotOf } = planSlots(used);
    for (const bytes of slots) {
      if (bytes > device.limits.maxStorageBufferBindingSize) {
        throw new EngineError(
          'limit',
          `${what} has an activation of ${Math.round(bytes / 2 ** 20)} MiB; this graphics adapter binds at most ${Math.round(device.limits.maxStorageBufferBindingSize / 2 ** 20)} MiB. Use a smaller batch.`,
        );
      }
    }
    const pipelines = await Promise.all(this.recorded.map(({ kernel }) => cache.pipeline(kernel)));
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    const { buffers, dispatches, locate } = await memory.scoped(what, () => {
      const buffers = slots.map((bytes, slot) => memory.buffer('activations', `${what} slot ${slot}`, bytes, usage));
      const places = new Map<number, GPUBuffer>();
      used.forEach(({ id }, index) => {
        const buffer = buffers[slotOf[index] ?? -1];
        if (buffer !== undefined) places.set(id, buffer);
      });
      const locate = (temporary: Temporary): Slice => {
        const buffer = places.get(temporary.id);
        if (buffer === undefined) throw new Error(`${what}: a temporary that no dispatch uses was asked for.`);
        return { kind: 'slice', buffer, offset: 0, bytes: temporary.bytes };
      };
      const dispatches = this.recorded.map(({ kernel, operands }, index): PlannedDispatch => {
        const pipeline = pipelines[index];
        if (pipeline === undefined) throw new Error(`${kernel.label} has no pipeline.`);
        const entries = operands.map((operand, binding) => {
          const { buffer, offset, bytes: size } = operand.kind === 'slice' ? operand : locate(operand);
          return { binding, resource: { buffer, offset, size } };
        });
        const [x, y, z] = kernel.workgroups;
        return {
          label: kernel.label,
          pipeline,
          group: device.createBindGroup({ label: kernel.label, layout: cache.layout(kernel.bindings), entries }),
          x,
          y,
          z,
          work: Math.max(kernel.flops, workPerByte * kernel.bytes) + workPerDispatch,
        };
      });
      return { buffers, dispatches, locate };
    });
    return {
      dispatches,
      flops: this.recorded.reduce((sum, { kernel }) => sum + kernel.flops, 0),
      work: dispatches.reduce((sum, { work }) => sum + work, 0),
      arena: { bytes: slots.reduce((sum, bytes) => sum + bytes, 0), needed: peakBytes(used) },
      locate,
      dispose: () => buffers.forEach((buffer) => memory.release(buffer)),
    };
  }

  private lifetimes(): (Lifetime & { readonly id: number })[] {
    const first = new Array<number>(this.temporaries.length).fill(-1);
    const last = new Array<number>(this.temporaries.length).fill(-1);
    this.recorded.forEach(({ operands }, index) => {
      for (const operand of operands) {
        if (operand.kind !== 'temporary') continue;
        if (first[operand.id] === -1) first[operand.id] = index;
        last[operand.id] = index;
      }
    });
    return this.temporaries.map(({ id, bytes }) => ({
      id,
      bytes,
      first: first[id] ?? -1,
      last: this.kept.has(id) && first[id] !== -1 ? this.recorded.length : (last[id] ?? -1),
    }));
  }
}
