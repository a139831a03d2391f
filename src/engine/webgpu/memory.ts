import { EngineError, type MemoryLedger } from '../executor';

/**
 * Memory on the device. Every buffer is made here, by a group that owns it and is released as a whole, so that no byte is missed in the ledger.
 * What cannot be had is told with its name and size.
 */

export type MemoryPurpose = Exclude<keyof MemoryLedger, 'peak'>;

/** WebGPU wants storage bindings at multiples of this many bytes on every adapter. */
export const bindingAlignment = 256;

/** Rounds up to `bindingAlignment`. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / bindingAlignment) * bindingAlignment;
}

/** Bytes as people read them. */
export function mebibytes(bytes: number): string {
  return `${Math.ceil(bytes / 2 ** 20)} MiB`;
}

/** The ledger: every byte on the device, by purpose. Buffers are made in groups, which are released as a whole. */
export class DeviceMemory {
  private readonly sums: Record<MemoryPurpose, number> = {
    weights: 0,
    gradients: 0,
    moments: 0,
    activations: 0,
    other: 0,
  };
  private total = 0;
  private peak = 0;
  private made = 0;

  constructor(readonly device: GPUDevice) {}

  ledger(): MemoryLedger {
    return { ...this.sums, peak: this.peak };
  }

  /** Bytes on the device now. */
  get held(): number {
    return this.total;
  }

  /** Buffers ever made; flat once a plan is warm. */
  get allocations(): number {
    return this.made;
  }

  group(): BufferGroup {
    return new BufferGroup(this);
  }

  /** Enters an allocation, or with a negative number its end. */
  book(purpose: MemoryPurpose, bytes: number): void {
    this.sums[purpose] += bytes;
    this.total += bytes;
    this.peak = Math.max(this.peak, this.total);
    if (bytes > 0) this.made++;
  }
}

/** Buffers with one owner. */
export class BufferGroup {
  private readonly held = new Map<GPUBuffer, { readonly purpose: MemoryPurpose; readonly bytes: number }>();

  constructor(private readonly memory: DeviceMemory) {}

  /**
   * A zeroed buffer of at least this many bytes.
   * @throws EngineError `limit` where the adapter allows no buffer of this size
   */
  buffer(purpose: MemoryPurpose, label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(bindingAlignment, aligned(bytes));
    const { device } = this.memory;
    const { maxBufferSize } = device.limits;
    if (size > maxBufferSize) {
      const message = `${label} needs ${mebibytes(size)} in one buffer; this graphics adapter allows ${mebibytes(maxBufferSize)}.`;
      throw new EngineError('limit', message);
    }
    const buffer = device.createBuffer({ label, size, usage });
    this.held.set(buffer, { purpose, bytes: size });
    this.memory.book(purpose, size);
    return buffer;
  }

  dispose(): void {
    for (const [buffer, { purpose, bytes }] of this.held) {
      this.memory.book(purpose, -bytes);
      buffer.destroy();
    }
    this.held.clear();
  }

  /**
   * Runs `make` under error scopes, since WebGPU reports a failed allocation or a rejected object only there.
   * @throws EngineError `out-of-memory` or `validation`
   */
  async scoped<T>(what: string, make: () => T): Promise<T> {
    const { device } = this.memory;
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    let result: T;
    try {
      result = make();
    } catch (error) {
      await Promise.all([device.popErrorScope(), device.popErrorScope()]);
      throw error;
    }
    const [memory, validation] = await Promise.all([device.popErrorScope(), device.popErrorScope()]);
    if (memory !== null) {
      const message = `The graphics adapter has no memory left for ${what}. Other tabs and programs that use it may be closed.`;
      throw new EngineError('out-of-memory', message, { cause: memory });
    }
    if (validation !== null) {
      const message = `The graphics adapter rejected ${what}: ${validation.message}`;
      throw new EngineError('validation', message, { cause: validation });
    }
    return result;
  }
}

/**
 * Makes something that owns a group of buffers; the group is released if that fails.
 */
export async function withBuffers<T>(memory: DeviceMemory, make: (group: BufferGroup) => Promise<T>): Promise<T> {
  const group = memory.group();
  try {
    return await make(group);
  } catch (error) {
    group.dispose();
    throw error;
  }
}
