import { z } from 'zod';
import { elementCount } from '../engine/graph/ir';
import { ModelError } from './errors';
import { decodeFloat16, encodeFloat16 } from './float16';

/**
 * The safetensors format (github.com/huggingface/safetensors, README "Format"): 8 bytes little-endian header length, a JSON header from tensor
 * name to dtype, shape and byte range, then the data.
 */

const bytesPerElement = {
  F64: 8,
  I64: 8,
  U64: 8,
  F32: 4,
  I32: 4,
  U32: 4,
  F16: 2,
  BF16: 2,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
};

export type TensorDtype = keyof typeof bytesPerElement;

/** A tensor as stored: its bytes are little-endian and row-major. */
export interface StoredTensor {
  readonly name: string;
  readonly dtype: TensorDtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The format's own cap on the header (100 MB). */
const largestHeader = 100_000_000;

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()).max(16),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.unknown());
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/**
 * Reads a safetensors file. The tensors are views of `file`'s bytes.
 *
 * @param name file name for messages
 * @throws ModelError `invalid` when the file is cut short or its header lies
 */
export function readSafetensors(file: Uint8Array, name: string): Map<string, StoredTensor> {
  const fail = (what: string): ModelError =>
    new ModelError('invalid', `${name} is not a sound safetensors file: ${what}. Download or export it again.`, {
      file: name,
    });
  if (file.length < 8) throw fail(`it has only ${file.length} bytes`);
  const headerLength = Number(new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true));
  if (headerLength > largestHeader) throw fail('its first bytes give an impossible header length (another format?)');
  if (8 + headerLength > file.length) throw fail('it ends inside its header');
  const data = file.subarray(8 + headerLength);
  const tensors = new Map<string, StoredTensor>();
  const ranges: { readonly name: string; readonly begin: number; readonly end: number }[] = [];
  for (const [key, entry] of Object.entries(parseHeader(file.subarray(8, 8 + headerLength), fail))) {
    if (key === '__metadata__') continue;
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success) throw fail(`its header describes the tensor "${key}" wrongly`);
    const { dtype, shape } = parsed.data;
    const [begin, end] = parsed.data.data_offsets;
    if (!isDtype(dtype))
      throw new ModelError(
        'unsupported',
        `${name} holds the tensor "${key}" as ${dtype}, which Vernier cannot read. Save it as F32, F16 or BF16.`,
        { file: name },
      );
    if (end < begin || end > data.length)
      throw fail(`the data of "${key}" would end ${end - data.length} bytes beyond the file, so it seems cut short`);
    if (end - begin !== elementCount(shape) * bytesPerElement[dtype])
      throw fail(`the size of "${key}" does not match its shape [${shape.join(', ')}]`);
    tensors.set(key, { name: key, dtype, shape, bytes: data.subarray(begin, end) });
    ranges.push({ name: key, begin, end });
  }
  ranges.sort((a, b) => a.begin - b.begin || a.end - b.end);
  for (const [i, range] of ranges.entries()) {
    const next = ranges[i + 1];
    if (next !== undefined && next.begin < range.end)
      throw fail(`the tensors "${range.name}" and "${next.name}" overlap`);
  }
  return tensors;
}

function parseHeader(bytes: Uint8Array, fail: (what: string) => ModelError): Record<string, unknown> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw fail('its header is no JSON');
  }
  const header = headerSchema.safeParse(json);
  if (!header.success || Array.isArray(json)) throw fail('its header is no JSON object');
  return header.data;
}

function isDtype(dtype: string): dtype is TensorDtype {
  return Object.hasOwn(bytesPerElement, dtype);
}

/**
 * Reads `model.safetensors.index.json`, which tells in which file of a sharded checkpoint each tensor lies.
 *
 * @throws ModelError `invalid`, also for a file name that leaves the folder
 */
export function parseShardIndex(json: unknown, name: string): ReadonlyMap<string, string> {
  const parsed = indexSchema.safeParse(json);
  if (!parsed.success)
    throw new ModelError('invalid', `${name} has no "weight_map" from tensors to files. Download it again.`, {
      file: name,
    });
  for (const file of Object.values(parsed.data.weight_map)) {
    if (!/^[\w.-]+\.safetensors$/.test(file)) {
      throw new ModelError('invalid', `${name} names the file "${file}", which is no safetensors file beside it.`, {
        file: name,
      });
    }
  }
  return new Map(Object.entries(parsed.data.weight_map));
}

/**
 * The values of a floating-point tensor as float32. Float32 data is copied, so that the caller may keep or transfer it.
 *
 * @throws ModelError `unsupported` for integers and booleans
 */
export function tensorValues(tensor: StoredTensor): Float32Array<ArrayBuffer> {
  // A copy is aligned, wherever in the file the tensor began.
  const { buffer } = new Uint8Array(tensor.bytes);
  switch (tensor.dtype) {
    case 'F32':
      return new Float32Array(buffer);
    case 'F16':
      return decodeFloat16(new Uint16Array(buffer));
    case 'BF16': {
      const halves = new Uint16Array(buffer);
      const words = new Uint32Array(halves.length);
      for (let i = 0; i < halves.length; i++) words[i] = (halves[i] ?? 0) << 16;
      return new Float32Array(words.buffer);
    }
    case 'F64':
      return new Float32Array(new Float64Array(buffer));
    default:
      throw new ModelError(
        'unsupported',
        `The tensor "${tensor.name}" holds ${tensor.dtype} values where weights are expected.`,
      );
  }
}

/** Weights as a tensor to store. */
export function encodeTensor(
  name: string,
  shape: readonly number[],
  values: Float32Array,
  dtype: 'F32' | 'F16',
): StoredTensor {
  const encoded = dtype === 'F16' ? encodeFloat16(values) : values;
  return { name, dtype, shape, bytes: new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength) };
}

/**
 * Writes a safetensors file whose tensors come out in the order that the reference implementation uses (widest elements first, then by
 * name), each byte as given. Metadata `{"format": "pt"}` is what Transformers before version 5 insists on.
 */
export function writeSafetensors(
  tensors: Iterable<StoredTensor>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    (a, b) => bytesPerElement[b.dtype] - bytesPerElement[a.dtype] || (a.name < b.name ? -1 : 1),
  );
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    header[name] = { dtype, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The header is padded with spaces, so that the data begins at a multiple of 8.
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + offset);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.fill(0x20, 8, 8 + headerLength);
  file.set(json, 8);
  let at = 8 + headerLength;
  for (const { bytes } of ordered) {
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}
