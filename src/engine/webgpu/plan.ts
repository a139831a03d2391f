import { EngineError } from '../executor';
import type { Kernel, KernelPart } from '../kernels/kernel';
import { withStorage, type FloatStorage } from '../kernels/storage';
import { bufferUsage } from './constants';
import { aligned, bindingAlignment, mebibytes, type BufferGroup } from './memory';
import type { PipelineCache } from './pipelines';
import { peakBytes, planSlots, type Lifetime } from './slots';

/** Memory that the plan places itself, by when it is used. */
export interface Temporary {
  readonly kind: 'temporary';
  readonly id: number;
  readonly bytes: number;
  /** f16 where it holds floats of half precision: kernels that are given it are adapted. */
  readonly storage: FloatStorage;
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
  readonly flops: number;
}

/** Recorded dispatches with their memory. Issuing them allocates nothing. */
export interface Plan {
  readonly dispatches: readonly PlannedDispatch[];
  /** Bytes of the plan's temporaries, and the least that any placement could do with. */
  readonly arena: { readonly bytes: number; readonly needed: number };
  /** Where a temporary lies. Its content is defined only while it is alive. */
  locate(temporary: Temporary): Slice;
}

/** Floating-point operations in whose time one byte of memory traffic goes by, roughly, on GPUs and CPUs alike. */
const workPerByte = 4;

/** Work of an empty dispatch. */
const workPerDispatch = 50_000;

interface RecordedDispatch {
  readonly kernel: Kernel;
  readonly operands: readonly Operand[];
  /** Of a kernel's parts, the one that this dispatch does. */
  readonly part: KernelPart | null;
}

/** Collects dispatches in order, then places memory, compiles and binds everything at once. */
export class PlanBuilder {
  private readonly recorded: RecordedDispatch[] = [];
  private readonly temporaries: Temporary[] = [];
  private readonly touched = new Map<number, number>();
  private readonly externals = new Set<number>();

  /** Dispatches recorded so far: the position where a phase ends. */
  get length(): number {
    return this.recorded.length;
  }

  temporary(bytes: number, storage: FloatStorage = 'f32'): Temporary {
    const temporary: Temporary = {
      kind: 'temporary',
      id: this.temporaries.length,
      bytes: Math.max(16, aligned(bytes)),
      storage,
    };
    this.temporaries.push(temporary);
    return temporary;
  }

  /** Memory that lies elsewhere, for estimates: it takes no room in the plan, and a plan with such operands cannot be compiled. */
  external(bytes: number): Temporary {
    const temporary = this.temporary(bytes);
    this.externals.add(temporary.id);
    return temporary;
  }

  /** Keeps a temporary alive up to the dispatch recorded last, for a copy that follows it. */
  touch(operand: Operand): void {
    if (operand.kind === 'temporary') this.touched.set(operand.id, this.recorded.length - 1);
  }

  dispatch(kernel: Kernel, operands: readonly Operand[]): void {
    const bindings = kernel.bindings.length - (kernel.parts === undefined ? 0 : 1);
    if (operands.length !== bindings) {
      throw new Error(`${kernel.label} has ${bindings} bindings, but ${operands.length} buffers were given.`);
    }
    const storage = operands.map((operand) => (operand.kind === 'temporary' ? operand.storage : 'f32'));
    const adapted = withStorage(kernel, storage);
    for (const part of kernel.parts ?? [null]) this.recorded.push({ kernel: adapted, operands, part });
  }

  /**
   * @throws EngineError `limit`, `out-of-memory` or `validation`
   */
  async compile(what: string, device: GPUDevice, memory: BufferGroup, cache: PipelineCache): Promise<Plan> {
    const used = this.lifetimes();
    const { slots, slotOf } = planSlots(used);
    const { maxStorageBufferBindingSize: most } = device.limits;
    const largest = Math.max(0, ...slots);
    if (largest > most) {
      const message = `${what} has an activation of ${mebibytes(largest)}; this graphics adapter binds at most ${mebibytes(most)}.`;
      throw new EngineError('limit', message);
    }
    const pipelines = await Promise.all(this.recorded.map(({ kernel }) => cache.pipeline(kernel)));
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    const { dispatches, locate } = await memory.scoped(what, () => {
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
      const firstOf = this.uploadParts(what, device, memory);
      const dispatches = this.recorded.map(({ kernel, operands, part }, index): PlannedDispatch => {
        const pipeline = pipelines[index];
        if (pipeline === undefined) throw new Error(`${kernel.label} has no pipeline.`);
        const slices = operands.map((operand) => (operand.kind === 'slice' ? operand : locate(operand)));
        if (part !== null) slices.push(firstOf(part));
        const entries = slices.map(({ buffer, offset, bytes: size }, binding) => {
          return { binding, resource: { buffer, offset, size } };
        });
        const [x, y, z] = part === null ? kernel.workgroups : [part.count, 1, 1];
        const { flops, bytes } = shareOf(kernel, part);
        return {
          label: kernel.label,
          pipeline,
          group: device.createBindGroup({ label: kernel.label, layout: cache.layout(kernel.bindings), entries }),
          x,
          y,
          z,
          work: Math.max(flops, workPerByte * bytes) + workPerDispatch,
          flops,
        };
      });
      return { dispatches, locate };
    });
    return {
      dispatches,
      arena: { bytes: sum(slots), needed: peakBytes(used) },
      locate,
    };
  }

  /** Puts the `first` of all parts into one buffer, and says where each lies. */
  private uploadParts(what: string, device: GPUDevice, memory: BufferGroup): (part: KernelPart) => Slice {
    const firsts = [...new Set(this.recorded.flatMap(({ part }) => (part === null ? [] : [part.first])))];
    const words = bindingAlignment / 4;
    const contents = new Uint32Array(words * firsts.length);
    firsts.forEach((first, index) => (contents[words * index] = first));
    const usage = bufferUsage.storage | bufferUsage.copyDestination;
    const buffer = firsts.length === 0 ? null : memory.buffer('other', `${what} parts`, contents.byteLength, usage);
    if (buffer !== null) device.queue.writeBuffer(buffer, 0, contents);
    return ({ first }) => {
      if (buffer === null) throw new Error(`${what} has no parts.`);
      return { kind: 'slice', buffer, offset: bindingAlignment * firsts.indexOf(first), bytes: 4 };
    };
  }

  /** Bytes that the plan's own memory will take. */
  arenaBytes(): number {
    return sum(planSlots(this.lifetimes()).slots);
  }

  private lifetimes(): (Lifetime & { readonly id: number })[] {
    const first = new Map<number, number>();
    const last = new Map<number, number>();
    this.recorded.forEach(({ operands }, index) => {
      for (const operand of operands) {
        if (operand.kind !== 'temporary' || this.externals.has(operand.id)) continue;
        if (!first.has(operand.id)) first.set(operand.id, index);
        last.set(operand.id, index);
      }
    });
    return this.temporaries.flatMap(({ id, bytes }) => {
      const start = first.get(id);
      if (start === undefined) return [];
      return [{ id, bytes, first: start, last: Math.max(last.get(id) ?? start, this.touched.get(id) ?? start) }];
    });
  }
}

/** Operations and bytes of a whole kernel or of one of its parts. */
function shareOf({ flops, bytes, parts }: Kernel, part: KernelPart | null): { flops: number; bytes: number } {
  if (part === null || parts === undefined) return { flops, bytes };
  const share = part.count / parts.reduce((total, { count }) => total + count, 0);
  return { flops: flops * share, bytes: bytes * share };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
