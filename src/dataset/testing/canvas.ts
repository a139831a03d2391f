import { crc32 } from '../crc32';

/** An encoded test picture: a horizontal gradient in red with the top-left quarter blue, so that turning it shows. */
export async function encodePicture(
  width: number,
  height: number,
  type: 'image/png' | 'image/jpeg' | 'image/webp',
): Promise<Uint8Array<ArrayBuffer>> {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d')!;
  const gradient = context.createLinearGradient(0, 0, width, 0);
  gradient.addColorStop(0, 'rgb(60,0,0)');
  gradient.addColorStop(1, 'rgb(255,0,0)');
  context.fillStyle = gradient;
  context.fillRect(0, 0, width, height);
  context.fillStyle = 'rgb(0,0,255)';
  context.fillRect(0, 0, width / 2, height / 2);
  return new Uint8Array(await (await canvas.convertToBlob({ type })).arrayBuffer());
}

/** A big-endian TIFF with the orientation (1…8) as its one entry, as EXIF keeps it. */
function orientationTiff(orientation: number): readonly number[] {
  return [
    ...[0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8],
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0],
    ...[0, 0, 0, 0],
  ];
}

/** A JPEG with an EXIF segment that gives its orientation, put behind the start-of-image marker. */
export function withExifOrientation(jpeg: Uint8Array<ArrayBuffer>, orientation: number): Uint8Array<ArrayBuffer> {
  const exif = [0xff, 0xe1, 0x00, 0x22, ...latin1('Exif\0\0'), ...orientationTiff(orientation)];
  return new Uint8Array([...jpeg.subarray(0, 2), ...exif, ...jpeg.subarray(2)]);
}

/** A PNG with an `eXIf` chunk behind its header. */
export function withPngOrientation(png: Uint8Array<ArrayBuffer>, orientation: number): Uint8Array<ArrayBuffer> {
  const chunk = new Uint8Array([...latin1('eXIf'), ...orientationTiff(orientation)]);
  const frame = new DataView(new ArrayBuffer(8));
  frame.setUint32(0, chunk.length - 4);
  frame.setUint32(4, crc32(chunk));
  const [size, checksum] = [new Uint8Array(frame.buffer, 0, 4), new Uint8Array(frame.buffer, 4)];
  const header = 33;
  return new Uint8Array([...png.subarray(0, header), ...size, ...chunk, ...checksum, ...png.subarray(header)]);
}

/** The plain WebP of `width` × `height` as an extended one with an `EXIF` chunk behind its pixels; with the "Exif" of JPEG, as some programs do. */
export function withWebpOrientation(
  webp: Uint8Array<ArrayBuffer>,
  [width, height]: readonly [number, number],
  orientation: number,
): Uint8Array<ArrayBuffer> {
  const exif = [...latin1('Exif\0\0'), ...orientationTiff(orientation)];
  const uint24 = (value: number): number[] => [value & 255, (value >> 8) & 255, value >> 16];
  // Behind "RIFF", size and "WEBP" a plain file has its pixels alone; a canvas may write it extended already.
  const chunks = String.fromCharCode(...webp.subarray(12, 16)) === 'VP8X' ? webp.subarray(30) : webp.subarray(12);
  const body = [
    ...latin1('WEBPVP8X'),
    ...[10, 0, 0, 0, 0x08, 0, 0, 0, ...uint24(width - 1), ...uint24(height - 1)],
    ...chunks,
    ...latin1('EXIF'),
    ...[exif.length, 0, 0, 0],
    ...exif,
  ];
  const size = new Uint8Array(new Uint32Array([body.length]).buffer);
  return new Uint8Array([...latin1('RIFF'), ...size, ...body]);
}

const latin1 = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));
