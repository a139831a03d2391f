import type { FileEntry } from '@zip.js/zip.js';
import { crc32 } from './crc32';
import { DatasetError } from './errors';

/** Random access to the bytes of a zip. */
export type ReadRange = (start: number, length: number) => Promise<Uint8Array<ArrayBuffer>>;

/** Zips up to this size are read into memory whole: slicing a Blob once an entry takes longer than all other work on a small picture. */
const inMemory = 64e6;

/** Gives random access to a zip, from memory where it is small. */
export function rangeReader(zip: Blob): ReadRange {
  let whole: Promise<Uint8Array<ArrayBuffer>> | undefined;
  return async (start, length) => {
    if (zip.size > inMemory) return new Uint8Array(await zip.slice(start, start + length).arrayBuffer());
    whole ??= zip.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    return (await whole).subarray(start, start + length);
  };
}

/** Fixed part of a local file header (APPNOTE 4.3.7). */
const headerBytes = 30;
/** Extra fields are short; longer ones cost a second read. */
const usualExtraBytes = 256;

/**
 * Reads an entry into exactly the declared size, and never beyond it. The checksum must match.
 * @param shown path for messages
 * @throws DatasetError `unreadable`
 */
export async function readEntry(entry: FileEntry, read: ReadRange, shown: string): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(entry.uncompressedSize);
  let filled = 0;
  for await (const piece of entryPieces(entry, read, shown)) {
    bytes.set(piece, filled);
    filled += piece.length;
  }
  return bytes;
}

/**
 * Gives an entry piece by piece: stored bytes as they are, deflated ones as they inflate. Length and checksum are known, and must match, at the
 * end.
 * @throws DatasetError `unreadable`
 */
export async function* entryPieces(
  entry: FileEntry,
  read: ReadRange,
  shown: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const size = entry.uncompressedSize;
  const packed = packedPieces(entry, read, shown);
  let length = 0;
  let checksum = 0;
  for await (const piece of entry.compressionMethod === 0 ? packed : inflated(packed, shown)) {
    length += piece.length;
    if (length > size) {
      throw new DatasetError('unreadable', `${shown} unpacks to more than it declares: a zip bomb, left out.`);
    }
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (length !== size) throw damaged(shown, `it holds ${length} of ${size} bytes`);
  if (entry.crc32 !== undefined && checksum !== entry.crc32 >>> 0) throw damaged(shown, 'its checksum does not match');
}

/** Packed bytes that are read at a time. */
const pieceBytes = 8 * 2 ** 20;

/** An entry as it lies in the zip: at once where it is small, which saves time, and in pieces where it may not fit into memory. */
async function* packedPieces(
  entry: FileEntry,
  read: ReadRange,
  shown: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const { offset, compressedSize } = entry;
  const guess = headerBytes + entry.rawFilename.length + usualExtraBytes + Math.min(compressedSize, pieceBytes);
  const bytes = await read(offset, guess);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < headerBytes || view.getUint32(0) !== 0x504b0304) throw damaged(shown, 'its header is missing');
  const start = headerBytes + view.getUint16(26, true) + view.getUint16(28, true);
  const first = bytes.subarray(start, start + compressedSize);
  if (first.length > 0) yield first;
  for (let at = first.length; at < compressedSize; at += pieceBytes) {
    const length = Math.min(compressedSize - at, pieceBytes);
    const piece = await read(offset + start + at, length);
    if (piece.length !== length) throw damaged(shown, 'the zip ends within it');
    yield piece;
  }
}

async function* inflated(
  packed: AsyncIterable<Uint8Array<ArrayBuffer>>,
  shown: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for await (const part of packed) parts.push(part);
  const stream = new Blob(parts).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  const reader = stream.getReader();
  try {
    for (;;) {
      const piece = await reader.read().catch((error: unknown) => {
        throw damaged(shown, 'it does not unpack', error);
      });
      if (piece.done) return;
      yield piece.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function damaged(shown: string, how: string, cause?: unknown): DatasetError {
  return new DatasetError('unreadable', `${shown} is damaged: ${how}. Download or make the zip again.`, { cause });
}
