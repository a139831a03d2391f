import type { StoredTensor } from '../safetensors';
import { layOutSafetensors } from '../safetensors-stream';

/** A whole safetensors file of tensors that are there. */
export function writeSafetensors(tensors: Iterable<StoredTensor>): Uint8Array<ArrayBuffer> {
  const layout = layOutSafetensors(tensors);
  const file = new Uint8Array(layout.size);
  file.set(layout.head);
  let at = layout.head.length;
  for (const { bytes } of layout.tensors) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
