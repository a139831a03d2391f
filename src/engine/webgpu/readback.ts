import { bufferUsage, mapRead } from './constants';
import type { DeviceMemory } from './memory';
import type { Slice } from './plan';

/** Larger readbacks go in pieces: big mapped ranges have been seen corrupted. */
const pieceBytes = 32 * 2 ** 20;

/** Copies slices to the CPU through short-lived staging buffers. For checkpoints and tests, not for the steady state. */
export async function readSlices(
  device: GPUDevice,
  memory: DeviceMemory,
  slices: readonly Slice[],
): Promise<Float32Array<ArrayBuffer>[]> {
  const results: Float32Array<ArrayBuffer>[] = [];
  for (const { buffer, offset, bytes } of slices) {
    const result = new Float32Array(bytes / 4);
    for (let done = 0; done < bytes; done += pieceBytes) {
      const size = Math.min(pieceBytes, bytes - done);
      const staging = memory.buffer('other', 'readback', size, bufferUsage.mapRead | bufferUsage.copyDestination);
      try {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(buffer, offset + done, staging, 0, size);
        device.queue.submit([encoder.finish()]);
        await staging.mapAsync(mapRead);
        result.set(new Float32Array(staging.getMappedRange(0, size)), done / 4);
        staging.unmap();
      } finally {
        memory.release(staging);
      }
    }
    results.push(result);
  }
  return results;
}
