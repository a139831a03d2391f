import { EngineError, type InputData } from '../executor';
import { elementCount, type Graph, type ValueId } from '../graph/ir';
import { bufferUsage } from './constants';
import { aligned, type DeviceMemory } from './memory';
import type { Slice } from './plan';

interface InputBuffer {
  readonly name: string;
  readonly id: ValueId;
  readonly count: number;
  readonly slice: Slice;
  /** Whole words of bytes whose number is no multiple of four; null where the caller's array can be uploaded as it is. */
  readonly padded: Uint8Array<ArrayBuffer> | null;
}

/** The buffers that a batch is uploaded into, made once per plan. */
export class InputBuffers {
  private constructor(
    private readonly device: GPUDevice,
    private readonly memory: DeviceMemory,
    private readonly inputs: readonly InputBuffer[],
  ) {}

  static async create(
    graph: Graph,
    used: ReadonlySet<ValueId>,
    device: GPUDevice,
    memory: DeviceMemory,
  ): Promise<InputBuffers> {
    const usage = bufferUsage.storage | bufferUsage.copyDestination;
    const inputs = await memory.scoped('the batch', () =>
      graph.values
        .filter(({ kind, id }) => kind === 'input' && used.has(id))
        .map(({ id, name, dtype, shape }): InputBuffer => {
          const count = elementCount(shape);
          const bytes = count * (dtype === 'u8' ? 1 : 4);
          const buffer = memory.buffer('other', `input ${name}`, bytes, usage);
          const padded = bytes % 4 === 0 ? null : new Uint8Array(4 * Math.ceil(bytes / 4));
          return {
            name,
            id,
            count,
            slice: { kind: 'slice', buffer, offset: 0, bytes: Math.max(16, aligned(bytes)) },
            padded,
          };
        }),
    );
    return new InputBuffers(device, memory, inputs);
  }

  *slices(): Iterable<readonly [ValueId, Slice]> {
    for (const { id, slice } of this.inputs) yield [id, slice];
  }

  /**
   * @throws EngineError `validation` where an input is missing or has the wrong length
   */
  upload(data: InputData): void {
    for (const { name, count, slice, padded } of this.inputs) {
      const values = data[name];
      if (values === undefined) throw new EngineError('validation', `The batch has no "${name}".`);
      if (values.length !== count) {
        throw new EngineError(
          'validation',
          `The batch's "${name}" has ${values.length} elements; ${count} belong there.`,
        );
      }
      if (padded !== null) {
        padded.set(values);
        this.device.queue.writeBuffer(slice.buffer, 0, padded);
      } else {
        this.device.queue.writeBuffer(
          slice.buffer,
          0,
          values.buffer as ArrayBuffer,
          values.byteOffset,
          values.byteLength,
        );
      }
    }
  }

  dispose(): void {
    for (const { slice } of this.inputs) this.memory.release(slice.buffer);
  }
}
