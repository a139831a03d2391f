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

it('gives up a drawing that takes too long, and the page goes on meanwhile and after', async () => {
  const dashes = '<path stroke="red" stroke-dasharray=".001" d="M0 0L500 500"/>'.repeat(3_000);
  const slow = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 512 512">${dashes}</svg>`;
  const quick =
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><rect width="1" height="1" fill="lime"/></svg>';
  let longest = 0;
  let last = performance.now();
  const pulse = setInterval(() => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
  }, 20);
  const began = performance.now();
  const drawings = [rasterizeSvg(bytes(slow), 512, 512), rasterizeSvg(bytes(quick), 8, 8)] as const;
  await expect(drawings[0]).rejects.toThrow(/takes too long to draw/);
  expect(performance.now() - began).toBeLessThan(12_000);
  expect(await pixel(await drawings[1], 4, 4)).toEqual([8, 8, 0, 255, 0, 255]);
  clearInterval(pulse);
  expect(longest).toBeLessThan(2_000);
});

it('draws in a frame that has no rights and goes when it is not needed', async () => {
  const script =
    '<svg xmlns="http://www.w3.org/2000/svg" onload="parent.seen = 1"><script>parent.seen = 1</script></svg>';
  await rasterizeSvg(bytes(script), 8, 8);
  expect(window).not.toHaveProperty('seen');
  const frame = document.querySelector<HTMLIFrameElement>('iframe[title="Draws SVG pictures"]');
  expect(frame?.sandbox.value).toBe('allow-scripts');
  expect(frame?.contentDocument).toBeNull();
});
