import { readAvifSize } from './image-headers/avif';
import { readJpegSize } from './image-headers/jpeg';
import { readSvgSize } from './image-headers/svg';
import { readWebpSize } from './image-headers/webp';

/** Picture formats that are taken, by media type. */
export type ImageType =
  'image/jpeg' | 'image/png' | 'image/webp' | 'image/gif' | 'image/bmp' | 'image/avif' | 'image/svg+xml';

/** What the header of a picture says, before anything is decoded. Width and height are as stored, before EXIF orientation. */
export interface ImageInfo {
  readonly type: ImageType;
  readonly width: number;
  readonly height: number;
}

/** Largest picture that is decoded, in pixels: 50 megapixels are 200 MB of RGBA. */
export const maxPixels = 50e6;

const extensionTypes = new Map<string, ImageType>([
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['jpe', 'image/jpeg'],
  ['jfif', 'image/jpeg'],
  ['png', 'image/png'],
  ['apng', 'image/png'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['bmp', 'image/bmp'],
  ['dib', 'image/bmp'],
  ['avif', 'image/avif'],
  ['svg', 'image/svg+xml'],
]);

/** True when a file of this extension (lower case, no dot) is expected to be a picture that can be taken. */
export function isImageExtension(extension: string): boolean {
  return extensionTypes.has(extension);
}

/** Names of picture formats that no browser decodes, by extension. */
const foreignExtensions = new Map([
  ['heic', 'HEIC'],
  ['heif', 'HEIF'],
  ['tif', 'TIFF'],
  ['tiff', 'TIFF'],
  ['psd', 'Photoshop'],
  ['jxl', 'JPEG XL'],
  ['jp2', 'JPEG 2000'],
  ['ico', 'icon'],
  ['tga', 'TGA'],
  ['exr', 'OpenEXR'],
  ['eps', 'EPS'],
  ['ai', 'Illustrator'],
  ['cr2', 'camera raw'],
  ['cr3', 'camera raw'],
  ['nef', 'camera raw'],
  ['arw', 'camera raw'],
  ['dng', 'camera raw'],
]);

/** The name of a picture format that cannot be taken, by its extension; null for other files. */
export function foreignImageExtension(extension: string): string | null {
  return foreignExtensions.get(extension) ?? null;
}

/** Sentence for a picture in a format that is not taken. */
export function foreignImageReason(format: string): string {
  return `${format} pictures cannot be read in a browser. Convert it to JPEG or PNG and add it again.`;
}

/**
 * Reads type and size of a picture from its first bytes. The content decides, not the name.
 * @throws Error with a sentence for the user: empty, unknown or foreign format, damaged header, over the pixel limit
 */
export function readImageInfo(bytes: Uint8Array): ImageInfo {
  if (bytes.length === 0) throw new Error('The file is empty (0 bytes). Copy or download it again.');
  const info = readHeader(bytes);
  if (info === null) {
    throw new Error('The picture is damaged or cut short: its header does not give a size. Save or download it again.');
  }
  // An SVG's nominal size costs nothing: it is drawn at a size of Vernier's choosing.
  if (info.type !== 'image/svg+xml' && info.width * info.height > maxPixels) {
    const megapixels = Math.round((info.width * info.height) / 1e6);
    throw new Error(
      `The picture has ${megapixels} megapixels (${info.width} × ${info.height}), over the limit of ${maxPixels / 1e6}. Scale it down and add it again.`,
    );
  }
  return info;
}

/** True when a file of which these are the first bytes is a picture that can be taken, as far as they tell. */
export function beginsLikePicture(start: Uint8Array): boolean {
  try {
    // A JPEG may have its size far behind its start.
    return readHeader(start) !== null || isAt(start, 0, '\xff\xd8\xff');
  } catch {
    return false;
  }
}

/** PNG or WebP by the first bytes of a picture; null for any other. */
export function typeOf(start: Uint8Array): 'image/png' | 'image/webp' | null {
  if (isAt(start, 0, pngSignature)) return 'image/png';
  return isAt(start, 0, 'RIFF') && isAt(start, 8, 'WEBP') ? 'image/webp' : null;
}

const pngSignature = '\x89PNG\r\n\x1a\n';

function isAt(bytes: Uint8Array, offset: number, text: string): boolean {
  return (
    bytes.length >= offset + text.length && [...text].every((letter, i) => bytes[offset + i] === letter.charCodeAt(0))
  );
}

function readHeader(bytes: Uint8Array): ImageInfo | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (offset: number, text: string): boolean => isAt(bytes, offset, text);

  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return sized('image/jpeg', readJpegSize(view));
  if (at(0, pngSignature)) {
    return sized(
      'image/png',
      view.byteLength >= 24 && at(12, 'IHDR') ? [view.getUint32(16), view.getUint32(20)] : null,
    );
  }
  if (at(0, 'GIF87a') || at(0, 'GIF89a')) {
    return sized('image/gif', view.byteLength >= 10 ? [view.getUint16(6, true), view.getUint16(8, true)] : null);
  }
  if (at(0, 'RIFF') && at(8, 'WEBP')) return sized('image/webp', readWebpSize(view));
  if (at(0, 'BM') && view.byteLength >= 26) return sized('image/bmp', readBmpSize(view));
  if (at(4, 'ftyp')) {
    const brands = brandsOf(view);
    if (brands.some((brand) => brand === 'avif' || brand === 'avis')) return sized('image/avif', readAvifSize(view));
    if (brands.some((brand) => /^(heic|heix|hevc|heim|heis|mif1|msf1)$/.test(brand))) throw foreign('HEIC');
    throw new Error('The file is a video, not a picture. Add a frame of it as JPEG or PNG.');
  }
  if (at(0, 'II*\0') || at(0, 'MM\0*')) throw foreign('TIFF');
  if (at(0, '8BPS')) throw foreign('Photoshop');
  if (at(0, '\xff\x0a') || at(4, 'JXL ')) throw foreign('JPEG XL');
  if (at(0, '\0\0\x01\0')) throw foreign('icon');
  if (at(0, '%PDF')) throw new Error('The file is a PDF, not a picture. Export its pages as JPEG or PNG.');
  const svg = readSvgSize(bytes);
  if (svg !== null) return { type: 'image/svg+xml', width: svg[0], height: svg[1] };
  const start = new TextDecoder().decode(bytes.subarray(0, 256)).trimStart().toLowerCase();
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) {
    throw new Error(
      'The file is a web page, not a picture (a download that answered with an error page). Download it again.',
    );
  }
  throw new Error(
    'The file is no picture that Vernier knows (JPEG, PNG, WebP, GIF, BMP, AVIF or SVG). Convert it to JPEG or PNG.',
  );
}

function sized(type: ImageType, size: readonly [number, number] | null): ImageInfo | null {
  if (size === null || size[0] < 1 || size[1] < 1) return null;
  return { type, width: size[0], height: size[1] };
}

function foreign(format: string): Error {
  return new Error(foreignImageReason(format));
}

/** BITMAPINFOHEADER stores signed sizes (a negative height: top row first); the older core header 16-bit ones. */
function readBmpSize(view: DataView): [number, number] | null {
  const header = view.getUint32(14, true);
  if (header === 12) return [view.getUint16(18, true), view.getUint16(20, true)];
  return header >= 40 ? [Math.abs(view.getInt32(18, true)), Math.abs(view.getInt32(22, true))] : null;
}

/** Major and compatible brands of an ISO base media file. */
function brandsOf(view: DataView): string[] {
  const brands: string[] = [];
  const end = Math.min(view.byteLength, view.getUint32(0), 256);
  for (let offset = 8; offset + 4 <= end; offset += 4) {
    if (offset !== 12) {
      brands.push(String.fromCharCode(...[0, 1, 2, 3].map((i) => view.getUint8(offset + i))));
    }
  }
  return brands;
}
