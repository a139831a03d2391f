import { tensorValues, type StoredTensor } from '../model/safetensors';

/** True where a tensor of an export has the same values as that of the base, to the bit. */
export function sameValues(before: StoredTensor, after: StoredTensor): boolean {
  return before.dtype === after.dtype
    ? sameBytes(before.bytes, after.bytes)
    : sameBytes(bytesOf(tensorValues(before)), bytesOf(tensorValues(after)));
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
