import { expect, it } from 'vitest';
import { rasterizeSvg } from './rasterize-svg';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

async function pixel(png: Uint8Array<ArrayBuffer>, x: number, y: number): Promise<number[]> {
  const bitmap = await createImageBitmap(new Blob([png]));
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
  context.drawImage(bitmap, 0, 0);
  return [bitmap.width, bitmap.height, ...context.getImageData(x, y, 1, 1).data];
}

it('draws an SVG at the size asked for, transparent where nothing is', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1"><rect width="1" height="1" fill="lime"/></svg>';
  const png = await rasterizeSvg(bytes(svg), 64, 32);
  expect(await pixel(png, 10, 10)).toEqual([64, 32, 0, 255, 0, 255]);
  expect(await pixel(png, 50, 10)).toEqual([64, 32, 0, 0, 0, 0]);
});

it('refuses a damaged SVG', async () => {
  await expect(rasterizeSvg(bytes('<svg xmlns="http://www.w3.org/2000/svg"><rect'), 8, 8)).rejects.toThrow(/damaged/);
});
