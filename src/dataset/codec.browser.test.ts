import { describe, expect, it } from 'vitest';
import { browserCodec, decodeImage, uprightImage } from './codec';
import { readImageInfo } from './image-info';
import { encodePicture, withExifOrientation, withPngOrientation, withWebpOrientation } from './testing/canvas';

const pixel = ({ data, width }: { data: Uint8ClampedArray; width: number }, x: number, y: number): number[] => [
  ...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4),
];

/** A two-frame GIF of 2 × 1 pixels: first red, then green. */
const gif = new Uint8Array([
  ...[0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 2, 0, 1, 0, 0xf0, 0, 0],
  ...[255, 0, 0, 0, 255, 0],
  ...[0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x04, 0x0a, 0],
  ...[0x2c, 0, 0, 0, 0, 2, 0, 1, 0, 0, 2, 2, 0x4c, 0x0a, 0],
  0x3b,
]);

/** A 24-bit BMP of one blue pixel. */
const bmp = new Uint8Array([
  ...[0x42, 0x4d, 58, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0],
  ...[40, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 24, 0, 0, 0, 0, 0, 4, 0, 0, 0, ...new Array<number>(16).fill(0)],
  ...[255, 0, 0, 0],
]);

describe('decoding in the browser', () => {
  it('reads the same size from header and pixels', async () => {
    for (const type of ['image/png', 'image/jpeg', 'image/webp'] as const) {
      const bytes = await encodePicture(37, 21, type);
      expect(readImageInfo(bytes)).toEqual({ type, width: 37, height: 21 });
      const { width, height } = await decodeImage(new Blob([bytes], { type }));
      expect([width, height]).toEqual([37, 21]);
    }
  });

  it('takes the first frame of a GIF, and a BMP', async () => {
    expect(readImageInfo(gif)).toEqual({ type: 'image/gif', width: 2, height: 1 });
    expect(pixel(await decodeImage(new Blob([gif])), 1, 0)).toEqual([255, 0, 0, 255]);
    expect(readImageInfo(bmp)).toEqual({ type: 'image/bmp', width: 1, height: 1 });
    expect(pixel(await decodeImage(new Blob([bmp])), 0, 0)).toEqual([0, 0, 255, 255]);
  });

  it('turns a photo by its EXIF orientation', async () => {
    const jpeg = withExifOrientation(await encodePicture(64, 32, 'image/jpeg'), 6);
    const turned = await decodeImage(new Blob([jpeg], { type: 'image/jpeg' }));
    expect([turned.width, turned.height]).toEqual([32, 64]);
    // Turned clockwise by a quarter, the blue quarter lies at the top right.
    expect(pixel(turned, 28, 8)[2]).toBeGreaterThan(200);
    expect(pixel(turned, 4, 8)[2]).toBeLessThan(60);
    const { width, height } = await browserCodec.inspect(jpeg, 'image/jpeg');
    expect([width, height]).toEqual([32, 64]);
  });

  it('turns WebP and PNG by their EXIF orientation, which not every browser does', async () => {
    const [width, height] = [64, 32];
    // Where the blue quarter of the upper left lies once turned, in shares of the width and height as shown.
    const blueAt: Readonly<Record<number, readonly [number, number]>> = {
      1: [0.25, 0.25],
      2: [0.75, 0.25],
      3: [0.75, 0.75],
      4: [0.25, 0.75],
      5: [0.25, 0.25],
      6: [0.75, 0.25],
      7: [0.75, 0.75],
      8: [0.25, 0.75],
    };
    const webp = await encodePicture(width, height, 'image/webp');
    const png = await encodePicture(width, height, 'image/png');
    for (const [number, blue] of Object.entries(blueAt)) {
      const orientation = Number(number);
      const size = orientation >= 5 ? [height, width] : [width, height];
      for (const [type, bytes] of [
        ['image/webp', withWebpOrientation(webp, [width, height], orientation)],
        ['image/png', withPngOrientation(png, orientation)],
      ] as const) {
        const inspected = await browserCodec.inspect(bytes, type);
        expect([inspected.width, inspected.height], `${type} ${number}`).toEqual(size);
        const stored = new Blob([bytes], { type });
        for (const shown of [stored, inspected.thumbnail, await uprightImage(stored)]) {
          const image = await decodeImage(shown);
          expect([image.width, image.height], `${type} ${number}`).toEqual(size);
          for (const x of [0.25, 0.75]) {
            for (const y of [0.25, 0.75]) {
              const isBlue = pixel(image, Math.round(x * image.width), Math.round(y * image.height))[2]! > 200;
              expect(isBlue, `${type} ${number} at ${x}, ${y}`).toBe(x === blue[0] && y === blue[1]);
            }
          }
        }
      }
    }
  });

  it('keeps every value of a picture that it turns', async () => {
    const png = await encodePicture(5, 3, 'image/png');
    const stored = await decodeImage(new Blob([png]));
    const turned = await decodeImage(new Blob([withPngOrientation(png, 6)]));
    for (let y = 0; y < 3; y += 1) {
      for (let x = 0; x < 5; x += 1) expect(pixel(turned, 2 - y, x)).toEqual(pixel(stored, x, y));
    }
  });

  it('keeps straight alpha', async () => {
    const canvas = new OffscreenCanvas(1, 1);
    const context = canvas.getContext('2d')!;
    context.putImageData(new ImageData(new Uint8ClampedArray([200, 100, 50, 128]), 1), 0, 0);
    const [r, g, b, a] = pixel(await decodeImage(await canvas.convertToBlob()), 0, 0);
    expect(a).toBe(128);
    expect(Math.abs(r! - 200)).toBeLessThanOrEqual(2);
    expect(Math.abs(g! - 100)).toBeLessThanOrEqual(2);
    expect(Math.abs(b! - 50)).toBeLessThanOrEqual(2);
  });

  it('scales large pictures down to the side asked for, small ones not up', async () => {
    const blob = new Blob([await encodePicture(900, 600, 'image/png')]);
    const scaled = await decodeImage(blob, 200);
    expect([scaled.width, scaled.height]).toEqual([300, 200]);
    const kept = await decodeImage(blob, 1200);
    expect([kept.width, kept.height]).toEqual([900, 600]);
  });

  it('makes WebP thumbnails of at most 160 pixels, and keeps small pictures as they are', async () => {
    const large = await encodePicture(800, 400, 'image/jpeg');
    const { width, height, thumbnail } = await browserCodec.inspect(large, 'image/jpeg');
    expect([width, height]).toEqual([800, 400]);
    expect(thumbnail.type).toBe('image/webp');
    expect(readImageInfo(new Uint8Array(await thumbnail.arrayBuffer()))).toMatchObject({ width: 160, height: 80 });
    const small = await encodePicture(64, 64, 'image/png');
    expect((await browserCodec.inspect(small, 'image/png')).thumbnail.size).toBe(small.length);
  });

  it('refuses pictures that are damaged or cut short', async () => {
    for (const type of ['image/png', 'image/jpeg', 'image/webp'] as const) {
      const bytes = await encodePicture(300, 200, type);
      const cut = bytes.slice(0, Math.floor(bytes.length * 0.6));
      await expect(browserCodec.inspect(cut, type), type).rejects.toThrow(/damaged or cut short/);
    }
  });
});
