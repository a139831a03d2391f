import { elementCount } from '../engine/graph/value';
import { bitsPerElement, headerLength, lengthBytes, readHeader, unsound, type StoredTensor } from './safetensors';

/**
 * Safetensors files larger than the memory: written from the shapes alone and the tensors one by one, and read front to back with one tensor in
 * memory at a time.
 */

/** What the header says of a tensor. */
export type TensorShape = Omit<StoredTensor, 'bytes'>;

/** A file of which nothing but the header is there yet. */
export interface SafetensorsLayout<Shape extends TensorShape> {
  /** The length of the header and the header. */
  readonly head: Uint8Array<ArrayBuffer>;
  /** The order in which the bytes of the tensors follow. */
  readonly tensors: readonly Shape[];
  /** Bytes of the whole file. */
  readonly size: number;
}

/**
 * Lays out a safetensors file whose tensors come in the order that the reference implementation uses: widest elements first, then by name.
 *
 * @param metadata `{"format": "pt"}` is what Transformers before version 5 insists on
 */
export function layOutSafetensors<Shape extends TensorShape>(
  shapes: Iterable<Shape>,
  metadata: Readonly<Record<string, string>> = { format: 'pt' },
): SafetensorsLayout<Shape> {
  const tensors = [...shapes].sort((a, b) => bitsOf(b) - bitsOf(a) || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = { __metadata__: metadata };
  let offset = 0;
  for (const tensor of tensors) {
    const { name, dtype, shape } = tensor;
    const end = offset + (elementCount(shape) * bitsOf(tensor)) / 8;
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  // The header is padded with spaces, so that the data begins at a multiple of 8.
  const length = Math.ceil(json.length / 8) * 8;
  const head = new Uint8Array(lengthBytes + length).fill(0x20, lengthBytes);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  head.set(json, lengthBytes);
  return { head, tensors, size: head.length + offset };
}

function bitsOf({ name, dtype }: TensorShape): number {
  const bits = Object.hasOwn(bitsPerElement, dtype) ? bitsPerElement[dtype] : undefined;
  if (bits === undefined) throw new Error(`The tensor "${name}" is of the type ${dtype}, whose size is not known.`);
  return bits;
}

/**
 * Reads a file front to back, one tensor in memory at a time, in the order in which they lie there.
 *
 * @param pieces its bytes in order, in pieces of any size; whoever gives them may throw at their end, such as for a wrong checksum
 * @param size bytes of the whole file
 * @param name file name for messages
 * @param check is told what the header says before any tensor is read, and may throw
 * @throws ModelError as `readSafetensors`
 */
export async function* streamSafetensors(
  pieces: AsyncIterable<Uint8Array>,
  size: number,
  name: string,
  check: (tensors: readonly TensorShape[]) => void = () => undefined,
): AsyncGenerator<StoredTensor, void, undefined> {
  const bytes = new ByteStream(pieces, name);
  try {
    const length = headerLength(await bytes.take(Math.min(size, lengthBytes)), size, name);
    const places = readHeader(await bytes.take(length), size - lengthBytes - length, name);
    check(places);
    for (const { begin, end, ...tensor } of places.sort((a, b) => a.begin - b.begin || a.end - b.end))
      yield { ...tensor, bytes: await bytes.take(end - begin) };
    await bytes.drain();
  } finally {
    await bytes.close();
  }
}

/** Bytes that come in pieces, taken in other ones. */
class ByteStream {
  private readonly pieces: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  constructor(
    pieces: AsyncIterable<Uint8Array>,
    private readonly name: string,
  ) {
    this.pieces = pieces[Symbol.asyncIterator]();
  }

  /** The next bytes: a view of a piece where they lie in one, else a copy. */
  async take(count: number): Promise<Uint8Array> {
    if (this.rest.length === 0 && count > 0) await this.advance();
    if (this.rest.length >= count) return this.cut(count);
    const taken = new Uint8Array(count);
    let filled = 0;
    while (filled < count) {
      if (this.rest.length === 0) await this.advance();
      const part = this.cut(Math.min(this.rest.length, count - filled));
      taken.set(part, filled);
      filled += part.length;
    }
    return taken;
  }

  async drain(): Promise<void> {
    while ((await this.pieces.next()).done !== true);
  }

  async close(): Promise<void> {
    await this.pieces.return?.();
  }

  private cut(count: number): Uint8Array {
    const part = this.rest.subarray(0, count);
    this.rest = this.rest.subarray(count);
    return part;
  }

  private async advance(): Promise<void> {
    const next = await this.pieces.next();
    if (next.done === true) throw unsound(this.name)('it ends before the last of its tensors does');
    this.rest = next.value;
  }
}
