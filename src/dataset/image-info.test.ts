import { describe, expect, it } from 'vitest';
import { readImageInfo } from './image-info';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

/** Bytes of several parts; strings as Latin-1. */
function bytes(...parts: readonly (string | readonly number[])[]): Uint8Array {
  return Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...part].map((c) => c.charCodeAt(0)) : [...part])),
  );
}

const zeros = (count: number): number[] => new Array<number>(count).fill(0);

describe('readImageInfo', () => {
  it('finds the size of a JPEG behind other segments and fill bytes', () => {
    const app = [0xff, 0xe1, 0, 6, 1, 2, 3, 4];
    const table = [0xff, 0xc4, 0, 4, 9, 9];
    const frame = [0xff, 0xff, 0xc2, 0, 11, 8, 0x01, 0x00, 0x02, 0x00, 1, 1, 0x11, 0];
    expect(readImageInfo(bytes([0xff, 0xd8], app, table, frame))).toEqual({
      type: 'image/jpeg',
      width: 512,
      height: 256,
    });
    expect(() => readImageInfo(bytes([0xff, 0xd8], app))).toThrow(/damaged or cut short/);
  });

  it('reads the three kinds of WebP', () => {
    const riff = bytes('RIFF', zeros(4), 'WEBP');
    const extended = bytes([...riff], 'VP8X', zeros(8), [0x7f, 0x02, 0, 0xdf, 0x01, 0]);
    expect(readImageInfo(extended)).toEqual({ type: 'image/webp', width: 640, height: 480 });
    const lossless = bytes([...riff], 'VP8L', zeros(4), [0x2f, 0x7f, 0xc2, 0x77, 0], zeros(8));
    expect(readImageInfo(lossless)).toEqual({ type: 'image/webp', width: 640, height: 480 });
    const lossy = bytes([...riff], 'VP8 ', zeros(7), [0x9d, 0x01, 0x2a, 0x80, 0x02, 0xe0, 0x01], zeros(4));
    expect(readImageInfo(lossy)).toEqual({ type: 'image/webp', width: 640, height: 480 });
  });

  it('reads a BMP stored top row first', () => {
    const bmp = bytes('BM', zeros(12), [40, 0, 0, 0, 3, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff], zeros(30));
    expect(readImageInfo(bmp)).toEqual({ type: 'image/bmp', width: 3, height: 2 });
  });

  it.each([
    ['<svg width="30" height="20mm" xmlns="http://www.w3.org/2000/svg">', 30, 75.59],
    [
      '<?xml version="1.0"?>\n<!-- a > b --><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x.dtd"><svg viewBox="0 0 20 10">',
      20,
      10,
    ],
    ["\uFEFF<svg:svg xmlns:svg='x' height='50' width='100%' viewBox='0,0,4,2'>", 100, 50],
    ['<svg>', 512, 512],
  ])('reads the size of %s', (content, width, height) => {
    const info = readImageInfo(text(`${content}</svg>`));
    expect(info.type).toBe('image/svg+xml');
    expect(info.width).toBeCloseTo(width, 1);
    expect(info.height).toBeCloseTo(height, 1);
  });

  it.each([
    ['an empty file', bytes(), /empty \(0 bytes\)/],
    ['HEIC', bytes(zeros(3), [24], 'ftypheic', zeros(4), 'mif1heic'), /HEIC.*Convert it to JPEG or PNG/],
    ['TIFF', bytes('II*\0', zeros(20)), /TIFF/],
    ['Photoshop', bytes('8BPS', zeros(20)), /Photoshop/],
    ['JPEG XL', bytes('\xff\x0a', zeros(20)), /JPEG XL/],
    ['a video', bytes(zeros(3), [24], 'ftypisom', zeros(4), 'isomavc1'), /video/],
    ['a PDF', bytes('%PDF-1.7'), /PDF/],
    ['an error page', text('\n <!doctype html><html>Not found</html>'), /web page/],
    ['text', text('just words'), /no picture that Vernier knows/],
    ['a PNG cut within its header', bytes('\x89PNG\r\n\x1a\n', zeros(4)), /damaged or cut short/],
    ['a GIF of no width', bytes('GIF89a', zeros(10)), /damaged or cut short/],
  ])('refuses %s with the reason', (_, content, message) => {
    expect(() => readImageInfo(content)).toThrow(message);
  });
});
