import { z } from 'zod';
import { elementCount } from '../engine/graph/value';
import { ModelError } from './errors';
import { decodeFloat16, encodeFloat16 } from './float16';
import { checkJsonText } from './json-scan';

/**
 * The safetensors format (github.com/huggingface/safetensors, README "Format"): 8 bytes little-endian header length, a JSON header from tensor
 * name to dtype, shape and byte range, then the data.
 */

/** Bits of an element, by the names of the format (safetensors/src/tensor.rs, `Dtype`). */
export const bitsPerElement: Readonly<Record<string, number>> = {
  C64: 64,
  F64: 64,
  I64: 64,
  U64: 64,
  F32: 32,
  I32: 32,
  U32: 32,
  F16: 16,
  BF16: 16,
  I16: 16,
  U16: 16,
  I8: 8,
  U8: 8,
  BOOL: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F8_E4M3FNUZ: 8,
  F8_E5M2FNUZ: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
};

/** A tensor as stored: its bytes are little-endian and row-major. */
export interface StoredTensor {
  readonly name: string;
  /** As the file names it, which may be a type of the future; `holdsWeights` tells those that can be computed with. */
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** The format's own cap on the header (100 MB). */
const largestHeader = 100_000_000;

/** Far above any checkpoint of a model that fits a browser; each tensor costs time to check. */
const mostTensors = 20_000;

const headerLimits = { mostKeys: 5 * mostTensors, longestArray: 16, deepest: 4 };

const entrySchema = z.object({
  dtype: z.string(),
  shape: z.array(z.int().nonnegative()),
  data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
});
const headerSchema = z.record(z.string(), z.unknown());
const metadataSchema = z.record(z.string(), z.string());
const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

/** Bytes at the beginning of a file that give the length of its header. */
export const lengthBytes = 8;

/** Where a tensor lies behind the header of its file, in bytes. */
export interface TensorPlace extends Omit<StoredTensor, 'bytes'> {
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a safetensors file. The tensors are views of `file`'s bytes.
 *
 * @param name file name for messages
 * @throws ModelError as `headerLength` and `readHeader`
 */
export function readSafetensors(file: Uint8Array, name: string): Map<string, StoredTensor> {
  const start = lengthBytes + headerLength(file, file.length, name);
  const data = file.subarray(start);
  return new Map(
    readHeader(file.subarray(lengthBytes, start), data.length, name).map(({ begin, end, ...tensor }) => [
      tensor.name,
      { ...tensor, bytes: data.subarray(begin, end) },
    ]),
  );
}

/**
 * @param start the file's first 8 bytes, or more of it
 * @param size bytes of the whole file
 * @param name file name for messages
 * @throws ModelError `invalid` where the file is no safetensors file, or cut short
 */
export function headerLength(start: Uint8Array, size: number, name: string): number {
  const fail = unsound(name);
  if (size < lengthBytes) throw fail(`it has only ${size} bytes`);
  const length = Number(new DataView(start.buffer, start.byteOffset, lengthBytes).getBigUint64(0, true));
  if (length > largestHeader) throw fail('its first bytes give an impossible header length (another format?)');
  if (lengthBytes + length > size) throw fail('it ends inside its header');
  return length;
}

/**
 * Reads the header of a file. As the format asks, no name comes twice, and the data of the tensors fills the file without holes.
 *
 * @param header without its length
 * @param dataLength bytes behind it
 * @param name file name for messages
 * @returns in the order of the header
 * @throws ModelError `invalid` when the file is cut short or its header lies, `too-large` for more tensors than any model here has
 */
export function readHeader(header: Uint8Array, dataLength: number, name: string): TensorPlace[] {
  const fail = unsound(name);
  const places: TensorPlace[] = [];
  const { __metadata__: metadata, ...entries } = parseHeader(header, name, fail);
  if (metadata !== undefined && metadata !== null && !metadataSchema.safeParse(metadata).success)
    throw fail('its "__metadata__" is not an object of strings');
  for (const [key, entry] of Object.entries(entries)) {
    const parsed = entrySchema.safeParse(entry);
    if (!parsed.success) throw fail(`its header describes the tensor "${shorten(key)}" wrongly`);
    const { dtype, shape } = parsed.data;
    const [begin, end] = parsed.data.data_offsets;
    if (end < begin || end > dataLength)
      throw fail(
        `the data of "${shorten(key)}" would end ${end - dataLength} bytes beyond the file, so it seems cut short`,
      );
    // The size of an element of an unknown type is unknown too.
    const bits = Object.hasOwn(bitsPerElement, dtype) ? bitsPerElement[dtype] : undefined;
    if (bits !== undefined && (end - begin) * 8 !== elementCount(shape) * bits)
      throw fail(`the size of "${shorten(key)}" does not match its shape [${shape.join(', ')}]`);
    places.push({ name: key, dtype, shape, begin, end });
  }
  checkFilled(places, dataLength, fail);
  return places;
}

/** What to throw where a file is no sound safetensors file. @param name file name for messages */
export function unsound(name: string): (what: string) => ModelError {
  return (what) =>
    new ModelError('invalid', `${name} is not a sound safetensors file: ${what}. Download or export it again.`, {
      file: name,
    });
}

/** Every byte of the data belongs to one tensor. */
function checkFilled(places: readonly TensorPlace[], length: number, fail: (what: string) => ModelError): void {
  let end = 0;
  let before = '';
  for (const place of places.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const name = shorten(place.name);
    if (place.begin < end) throw fail(`the tensors "${before}" and "${name}" overlap`);
    if (place.begin > end) throw fail(`before the data of "${name}" lie bytes that belong to no tensor`);
    end = place.end;
    before = name;
  }
  if (end !== length) throw fail(`it ends with ${length - end} bytes that belong to no tensor`);
}

function parseHeader(bytes: Uint8Array, name: string, fail: (what: string) => ModelError): Record<string, unknown> {
  let json: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    const problem = checkJsonText(text, headerLimits);
    if (problem?.kind === 'duplicate') throw fail(`its header names "${shorten(problem.key)}" twice`);
    if (problem !== null) {
      throw new ModelError(
        'too-large',
        `${name} has a header larger than that of any model Vernier can train: more than ${mostTensors} tensors, or shapes of more than ${headerLimits.longestArray} axes. Check that it is the file of a CLIP model.`,
        { file: name },
      );
    }
    json = JSON.parse(text);
  } catch (error) {
    if (error instanceof ModelError) throw error;
    throw fail('its header is no JSON');
  }
  const header = headerSchema.safeParse(json);
  if (!header.success || Array.isArray(json)) throw fail('its header is no JSON object');
  if (Object.keys(header.data).length > mostTensors + 1)
    throw fail(`its header names more than ${mostTensors} tensors`);
  return header.data;
}

/** A name from a file, short enough for a message. */
function shorten(key: string): string {
  return key.length > 80 ? `${key.slice(0, 80)}…` : key;
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
      throw new ModelError(
        'invalid',
        `${name} names the file "${shorten(file)}", which is no safetensors file beside it.`,
        {
          file: name,
        },
      );
    }
  }
  return new Map(Object.entries(parsed.data.weight_map));
}

/** True for the types that `tensorValues` decodes. */
export function holdsWeights({ dtype }: StoredTensor): boolean {
  return dtype === 'F32' || dtype === 'F16' || dtype === 'BF16' || dtype === 'F64';
}

/**
 * The values of a floating-point tensor as float32. Float32 data is copied, so that the caller may keep or transfer it.
 *
 * @throws ModelError `unsupported` for other types than `holdsWeights` names
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
