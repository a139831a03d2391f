import { crc32 } from '../crc32';
import type { ImageType } from '../image-info';

/** How a picture is to be turned, by the numbers of EXIF: 1 as it is, 2 mirrored, 3 by half, …; 5 to 8 swap width and height. */
export type Orientation = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

/** A picture whose orientation was taken out, so that every decoder leaves it as stored, and what was taken out. */
export interface Unturned {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly orientation: Orientation;
}

/**
 * Takes the EXIF orientation out of a WebP (chunk `EXIF`) or PNG (chunk `eXIf`). Browsers honour it in JPEG but not all of them in these two,
 * and none tells whether it did; without the entry the picture can be turned in one way everywhere. AVIF is turned by properties of its own,
 * which browsers follow.
 * @returns null when there is nothing to turn: an upright picture, or another format
 */
export function takeOrientation(bytes: Uint8Array<ArrayBuffer>, type: ImageType): Unturned | null {
  const chunk = type === 'image/webp' ? webpExif(bytes) : type === 'image/png' ? pngExif(bytes) : null;
  if (chunk === null) return null;
  const entry = orientationEntry(bytes, chunk);
  if (entry === null) return null;
  const copy = bytes.slice();
  new DataView(copy.buffer).setUint16(entry.offset, 1, entry.littleEndian);
  if (type === 'image/png') {
    // The checksum covers the chunk's name and data.
    const checksum = crc32(copy.subarray(chunk.start - 4, chunk.end));
    new DataView(copy.buffer).setUint32(chunk.end, checksum);
  }
  return { bytes: copy, orientation: entry.orientation };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The data of a WebP's `EXIF` chunk (RFC 9649): chunks of a name, a little-endian size and data padded to an even length. */
function webpExif(bytes: Uint8Array): Range | null {
  const view = viewOf(bytes);
  for (let offset = 12; offset + 8 <= bytes.length;) {
    const size = view.getUint32(offset + 4, true);
    const start = offset + 8;
    if (view.getUint32(offset) === 0x45584946) return { start, end: Math.min(bytes.length, start + size) };
    offset = start + size + (size % 2);
  }
  return null;
}

/** The data of a PNG's `eXIf` chunk (PNG specification, 11.3.4.5): chunks of a big-endian size, a name, data and a checksum. */
function pngExif(bytes: Uint8Array): Range | null {
  const view = viewOf(bytes);
  for (let offset = 8; offset + 12 <= bytes.length;) {
    const size = view.getUint32(offset);
    const start = offset + 8;
    if (view.getUint32(offset + 4) === 0x65584966 && start + size + 4 <= bytes.length)
      return { start, end: start + size };
    offset = start + size + 4;
  }
  return null;
}

/** The orientation entry in a block of EXIF, a TIFF (6.0) of its own; null when there is none or it says that the picture is upright. */
function orientationEntry(
  bytes: Uint8Array,
  { start, end }: Range,
): { offset: number; littleEndian: boolean; orientation: Orientation } | null {
  const view = viewOf(bytes);
  // Some programs keep the "Exif\0\0" of JPEG before the TIFF.
  const tiff = end - start >= 6 && view.getUint32(start) === 0x45786966 ? start + 6 : start;
  if (tiff + 8 > end) return null;
  const order = view.getUint16(tiff);
  if (order !== 0x4949 && order !== 0x4d4d) return null;
  const littleEndian = order === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, littleEndian);
  if (directory + 2 > end) return null;
  const entries = view.getUint16(directory, littleEndian);
  for (let i = 0; i < entries; i += 1) {
    const entry = directory + 2 + i * 12;
    if (entry + 12 > end) return null;
    if (view.getUint16(entry, littleEndian) !== 0x0112) continue;
    const value = view.getUint16(entry + 8, littleEndian);
    return isTurned(value) ? { offset: entry + 8, littleEndian, orientation: value } : null;
  }
  return null;
}

const isTurned = (value: number): value is Orientation => value >= 2 && value <= 8;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
