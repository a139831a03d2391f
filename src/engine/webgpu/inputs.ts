import { EngineError, type InputData } from '../executor';
import { elementCount, type Value, type ValueId } from '../graph/value';
import { bufferUsage } from './constants';
import { aligned, type BufferGroup } from './memory';
import type { Slice } from './plan';

/**
 * How a batch gets onto the device. Each input has a buffer of its own, of the length that its graph declares; data of another length is refused.
 * An upload allocates nothing on the device.
 */

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
    private readonly inputs: readonly InputBuffer[],
  ) {}

  static async create(values: readonly Value[], device: GPUDevice, group: BufferGroup): Promise<InputBuffers> {
    const usage = bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyDestination;
    const inputs = await group.scoped('the batch', () =>
      values
        .filter(({ kind }) => kind === 'input')
        .map(({ id, name, dtype, shape }): InputBuffer => {
          const count = elementCount(shape);
          const bytes = count * (dtype === 'u8' ? 1 : 4);
          const buffer = group.buffer('other', `input ${name}`, bytes, usage);
          const padded = bytes % 4 === 0 ? null : new Uint8Array(4 * Math.ceil(bytes / 4));
          return {
            name,
            id,
            count,
            slice: { kind: 'slice', buffer, offset: 0, bytes: aligned(bytes) },
            padded,
          };
        }),
    );
    return new InputBuffers(device, inputs);
  }

  *slices(): Iterable<readonly [ValueId, Slice]> {
    for (const { id, slice } of this.inputs) yield [id, slice];
  }

  /**
   * Uploads one of several equal parts of the data.
   * @throws EngineError `validation` where an input is missing or has the wrong length
   */
  upload(data: InputData, part = 0, parts = 1): void {
    const { queue } = this.device;
    for (const { name, count, slice, padded } of this.inputs) {
      const values = data[name];
      if (values === undefined) throw new EngineError('validation', `The batch has no "${name}".`);
      if (values.length !== count * parts) {
        const message = `The batch's "${name}" has ${values.length} elements; ${count * parts} belong there.`;
        throw new EngineError('validation', message);
      }
      const start = values.byteOffset + (part * values.byteLength) / parts;
      if (padded !== null) {
        padded.set(new Uint8Array(values.buffer, start, count));
        queue.writeBuffer(slice.buffer, 0, padded);
      } else {
        queue.writeBuffer(slice.buffer, 0, values.buffer, start, values.byteLength / parts);
      }
    }
  }
}
