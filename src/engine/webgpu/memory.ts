import { EngineError, type MemoryLedger } from '../executor';

export type MemoryPurpose = Exclude<keyof MemoryLedger, 'peak'>;

/** WebGPU wants storage bindings at multiples of this many bytes on every adapter. */
export const bindingAlignment = 256;

/** Rounds up to `bindingAlignment`. */
export function aligned(bytes: number): number {
  return Math.ceil(bytes / bindingAlignment) * bindingAlignment;
}

/** Allocates buffers and keeps the ledger: every byte on the device, by purpose. */
export class DeviceMemory {
  private readonly held = new Map<GPUBuffer, { readonly purpose: MemoryPurpose; readonly bytes: number }>();
  private readonly sums: Record<MemoryPurpose, number> = {
    weights: 0,
    gradients: 0,
    moments: 0,
    activations: 0,
    other: 0,
  };
  private total = 0;
  private peak = 0;
  /** Buffers ever made; flat once a plan is warm. */
  allocations = 0;

  constructor(private readonly device: GPUDevice) {}

  ledger(): MemoryLedger {
    return { ...this.sums, peak: this.peak };
  }

  buffer(purpose: MemoryPurpose, label: string, bytes: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const size = Math.max(16, aligned(bytes));
    if (size > this.device.limits.maxBufferSize) {
      throw new EngineError(
        'limit',
        `${label} needs ${Math.round(size / 2 ** 20)} MiB in one buffer; this graphics adapter allows ${Math.round(this.device.limits.maxBufferSize / 2 ** 20)} MiB.`,
      );
    }
    const buffer = this.device.createBuffer({ label, size, usage });
    this.held.set(buffer, { purpose, bytes: size });
    this.sums[purpose] += size;
    this.total += size;
    this.peak = Math.max(this.peak, this.total);
    this.allocations++;
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    const entry = this.held.get(buffer);
    if (entry === undefined) return;
    this.held.delete(buffer);
    this.sums[entry.purpose] -= entry.bytes;
    this.total -= entry.bytes;
    buffer.destroy();
  }

  /**
   * Runs `make` under error scopes, since WebGPU reports a failed allocation or a rejected object only there. Buffers made by a failed call
   * are released.
   * @throws EngineError `out-of-memory` or `validation`
   */
  async scoped<T>(what: string, make: () => T): Promise<T> {
    const before = new Set(this.held.keys());
    const undo = (): void => {
      for (const buffer of [...this.held.keys()]) if (!before.has(buffer)) this.release(buffer);
    };
    this.device.pushErrorScope('validation');
    this.device.pushErrorScope('out-of-memory');
    let result: T;
    try {
      result = make();
    } catch (error) {
      undo();
      await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
      throw error;
    }
    const [memory, validation] = await Promise.all([this.device.popErrorScope(), this.device.popErrorScope()]);
    if (memory !== null) {
      undo();
      throw new EngineError(
        'out-of-memory',
        `The graphics adapter has no memory left for ${what}. Use a smaller batch, freeze more layers, or close other tabs.`,
        { cause: memory },
      );
    }
    if (validation !== null) {
      undo();
      throw new EngineError('validation', `The graphics adapter rejected ${what}: ${validation.message}`, {
        cause: validation,
      });
    }
    return result;
  }
}
