import type { TensorMap } from '../engine/executor';
import { encodeTensor, tensorValues, type StoredTensor } from '../model/safetensors';

export type ExportPrecision = 'float32' | 'float16';

/** Why an export cannot be made; `message` is for the user. */
export class ExportError extends Error {
  override readonly name = 'ExportError';
  constructor(
    readonly code: 'unknown-tensor' | 'not-finite' | 'out-of-range' | 'mismatch',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Largest value of an IEEE 754 half. */
const largestHalf = 65_504;

/**
 * The tensors of a fine-tuned model as they are to be stored, under their Hugging Face names and shapes. Tensors that were not trained keep the
 * base's very bytes where the precision is the same; all others are converted.
 * @param stored the base's tensors
 * @param shapes shapes by name as Transformers expects them (some checkpoints store the logit scale as `[1]`)
 * @param changed trained tensors as float32
 * @throws ExportError `unknown-tensor`, `not-finite`, `out-of-range`
 */
export function exportedTensors(
  stored: ReadonlyMap<string, StoredTensor>,
  shapes: ReadonlyMap<string, readonly number[]>,
  changed: TensorMap,
  precision: ExportPrecision,
): StoredTensor[] {
  const dtype = precision === 'float16' ? 'F16' : 'F32';
  for (const name of changed.keys()) {
    if (!stored.has(name))
      throw new ExportError('unknown-tensor', `The run holds a tensor "${name}" that its base model does not have.`);
  }
  return [...stored.values()].map((tensor) => {
    const { name } = tensor;
    const shape = shapes.get(name) ?? tensor.shape;
    const trained = changed.get(name);
    if (trained === undefined && tensor.dtype === dtype) return { name, dtype, shape, bytes: tensor.bytes };
    const values = trained ?? tensorValues(tensor);
    checkRange(name, values, precision);
    return encodeTensor(name, shape, values, dtype);
  });
}

function checkRange(name: string, values: Float32Array, precision: ExportPrecision): void {
  for (const value of values) {
    if (!Number.isFinite(value)) {
      throw new ExportError(
        'not-finite',
        `The tensor "${name}" holds values that are no numbers: the training diverged. Train again with a lower learning rate.`,
      );
    }
    if (precision === 'float16' && Math.abs(value) > largestHalf) {
      throw new ExportError(
        'out-of-range',
        `The tensor "${name}" holds values too large for float16. Export as float32 instead.`,
      );
    }
  }
}

/** True when every tensor that was not trained has the same values after the export as in the base, to the bit. */
export function frozenTensorsUnchanged(
  base: ReadonlyMap<string, StoredTensor>,
  exported: ReadonlyMap<string, StoredTensor>,
  changed: ReadonlySet<string>,
): boolean {
  return [...base].every(([name, before]) => {
    if (changed.has(name)) return true;
    const after = exported.get(name);
    if (after === undefined) return false;
    return before.dtype === after.dtype
      ? sameBytes(before.bytes, after.bytes)
      : sameBytes(bytesOf(tensorValues(before)), bytesOf(tensorValues(after)));
  });
}

function bytesOf(values: Float32Array): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}
