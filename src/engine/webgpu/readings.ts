import type { StepReading } from '../executor';
import { readingWords, stepOutcomes } from '../kernels/gradient-norm';
import { bufferUsage, mapRead } from './constants';
import type { BufferGroup } from './memory';

/** Rows of the ring: steps whose readings may wait on the device. */
const ringRows = 64;
const rowBytes = 4 * readingWords;
const stagingBuffers = 3;

/** Readings are fetched after so many steps… */
const flushSteps = 16;
/** …or so many milliseconds, whichever comes first. */
const flushMilliseconds = 150;

interface Staging {
  readonly buffer: GPUBuffer;
  pending: Promise<void> | null;
}

/**
 * Losses and norms of the latest steps. Each step writes a row of a ring on the device; rows come back through a few staging buffers, without
 * waiting for the queue to run empty.
 */
export class ReadingsRing {
  /** `[ringRows]` rows of `readingWords`. */
  readonly ring: GPUBuffer;
  private readonly staging: readonly Staging[];
  private readonly done: StepReading[] = [];
  private issued = 0;
  private fetched = 0;
  private lastFlush = 0;
  private broken = false;

  /**
   * @param logitScale whether rows hold it
   * @param now a clock in milliseconds
   */
  constructor(
    private readonly device: GPUDevice,
    group: BufferGroup,
    private readonly logitScale: boolean,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.ring = group.buffer('other', 'readings', ringRows * rowBytes, bufferUsage.storage | bufferUsage.copySource);
    this.staging = Array.from({ length: stagingBuffers }, () => ({
      buffer: group.buffer(
        'other',
        'readings staging',
        ringRows * rowBytes,
        bufferUsage.mapRead | bufferUsage.copyDestination,
      ),
      pending: null,
    }));
  }

  /** Ring row of the next step. */
  nextSlot(): number {
    return this.issued % ringRows;
  }

  /** Call once a step has been submitted. Resolves at once unless the ring is about to run over. */
  async stepIssued(): Promise<void> {
    this.issued++;
    const waiting = this.issued - this.fetched;
    if (waiting >= flushSteps || this.now() - this.lastFlush > flushMilliseconds) this.fetch();
    if (waiting >= ringRows - 1) await Promise.all(this.underWay());
  }

  /** Readings that arrived since the last call, without asking for more; with `drain` waits for all steps issued so far. */
  async take(drain: boolean): Promise<StepReading[]> {
    if (drain) {
      while (this.fetched < this.issued && !this.broken) {
        if (!this.fetch()) await Promise.race(this.underWay());
      }
      await Promise.all(this.underWay());
    }
    return this.done.splice(0).sort((a, b) => a.step - b.step);
  }

  private underWay(): Promise<void>[] {
    return this.staging.flatMap(({ pending }) => (pending === null ? [] : [pending]));
  }

  /** Starts to fetch what has not been fetched; false where every staging buffer is under way. */
  private fetch(): boolean {
    const staging = this.staging.find(({ pending }) => pending === null);
    if (staging === undefined) return false;
    const from = this.fetched;
    const to = this.issued;
    this.fetched = to;
    this.lastFlush = this.now();
    const encoder = this.device.createCommandEncoder();
    encoder.copyBufferToBuffer(this.ring, 0, staging.buffer, 0, ringRows * rowBytes);
    this.device.queue.submit([encoder.finish()]);
    staging.pending = this.receive(staging, from, to);
    return true;
  }

  private async receive(staging: Staging, from: number, to: number): Promise<void> {
    try {
      await staging.buffer.mapAsync(mapRead);
    } catch {
      // The device is gone or the trainer was disposed of; the executor's failure says which.
      this.broken = true;
      return;
    }
    const range = staging.buffer.getMappedRange();
    const words = new Uint32Array(range);
    const floats = new Float32Array(range);
    for (let index = from; index < to; index++) {
      const at = (index % ringRows) * (rowBytes / 4);
      this.done.push({
        step: words[at] ?? 0,
        loss: floats[at + 1] ?? NaN,
        gradNorm: floats[at + 2] ?? NaN,
        overflowed: words[at + 3] === stepOutcomes.overflowed,
        ...(this.logitScale ? { logitScale: floats[at + 4] ?? NaN } : {}),
      });
    }
    staging.buffer.unmap();
    staging.pending = null;
  }
}
