import { EngineError } from '../executor';
import { bufferUsage, mapRead } from './constants';
import type { DeviceMemory } from './memory';
import type { Slice } from './plan';

/** Larger readbacks go in pieces: big mapped ranges have been seen corrupted. */
const pieceBytes = 32 * 2 ** 20;

interface Copy {
  readonly source: Slice;
  readonly target: Float32Array<ArrayBuffer>;
  /** Bytes into source and target alike. */
  readonly from: number;
  readonly bytes: number;
}

/**
 * Copies slices to the CPU, through one staging buffer of `pieceBytes` at most. For checkpoints and tests, not for the steady state.
 * @throws EngineError `device-lost` where the device went away meanwhile
 */
export async function readSlices(
  device: GPUDevice,
  memory: DeviceMemory,
  slices: readonly Slice[],
): Promise<Float32Array<ArrayBuffer>[]> {
  const results = slices.map(({ bytes }) => new Float32Array(bytes / 4));
  const total = slices.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total === 0) return results;
  const group = memory.group();
  try {
    const size = Math.min(pieceBytes, total);
    const usage = bufferUsage.mapRead | bufferUsage.copyDestination;
    const staging = await group.scoped('reading results', () => group.buffer('other', 'readback', size, usage));
    for (const piece of pieces(slices, results)) await readPiece(device, staging, piece);
  } finally {
    group.dispose();
  }
  return results;
}

/** Copies in the order of the slices, as many at a time as fit into `pieceBytes`. */
function* pieces(slices: readonly Slice[], results: readonly Float32Array<ArrayBuffer>[]): Iterable<readonly Copy[]> {
  let piece: Copy[] = [];
  let filled = 0;
  for (const [index, source] of slices.entries()) {
    const target = results[index];
    if (target === undefined) continue;
    for (let from = 0; from < source.bytes;) {
      const bytes = Math.min(pieceBytes - filled, source.bytes - from);
      piece.push({ source, target, from, bytes });
      from += bytes;
      filled += bytes;
      if (filled === pieceBytes) {
        yield piece;
        piece = [];
        filled = 0;
      }
    }
  }
  if (filled > 0) yield piece;
}

async function readPiece(device: GPUDevice, staging: GPUBuffer, copies: readonly Copy[]): Promise<void> {
  const encoder = device.createCommandEncoder();
  let at = 0;
  for (const { source, from, bytes } of copies) {
    encoder.copyBufferToBuffer(source.buffer, source.offset + from, staging, at, bytes);
    at += bytes;
  }
  device.queue.submit([encoder.finish()]);
  await mapForReading(staging);
  const mapped = new Float32Array(staging.getMappedRange());
  at = 0;
  for (const { target, from, bytes } of copies) {
    target.set(mapped.subarray(at / 4, (at + bytes) / 4), from / 4);
    at += bytes;
  }
  staging.unmap();
}

/**
 * Waits until what was copied into a staging buffer can be read.
 * @throws EngineError `device-lost`: mapping fails for no other reason here
 */
export async function mapForReading(staging: GPUBuffer): Promise<void> {
  try {
    await staging.mapAsync(mapRead);
  } catch (error) {
    throw new EngineError('device-lost', 'Results could not be read from the graphics device.', { cause: error });
  }
}
