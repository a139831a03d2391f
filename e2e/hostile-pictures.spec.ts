import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test, type Page } from '@playwright/test';
import { addFiles, captionedFolder, dataSummary } from './support/data.ts';
import type { Files } from './support/files.ts';
import { caption, picture } from './support/pictures.ts';
import { choose, goTo, openStudio } from './support/studio.ts';

/** Files made to hold up, fill up or look out of the studio, tried while a run is in progress. */
test.describe.configure({ mode: 'serial' });

const stored = 12;
const root = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="64" height="64"';
const svg = (content: string, before = ''): string =>
  `${before}<svg ${root}><rect width="40" height="40" fill="teal"/>${content}</svg>`;

let page: Page;
let added = 0;
/** Hears of every request to the address that the files name. */
let listener: Server;
let elsewhere = '';
const leaks: string[] = [];

test.beforeAll(async ({ browser, baseURL }) => {
  listener = createServer((request, response) => {
    leaks.push(request.url ?? '');
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => listener.once('listening', resolve));
  elsewhere = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;

  page = await browser.newPage({ baseURL: baseURL ?? '' });
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(stored));
  await expect(dataSummary(page, stored)).toBeVisible();
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await page.getByRole('spinbutton', { name: 'Batch size', exact: true }).fill('8');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('100000');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/\b[1-9][\d,]* of [\d,]+ steps/, {
    timeout: 90_000,
  });
});

test.afterAll(async () => {
  await page.close();
  listener.close();
});

/** Adds the files with one sound picture beside them; all must be dealt with, while the page answers and the run goes on. */
async function add(files: Files): Promise<string> {
  await page.evaluate(() => {
    const state = { longest: 0, last: performance.now() };
    Object.assign(window, { pulse: state });
    setInterval(() => {
      const now = performance.now();
      state.longest = Math.max(state.longest, now - state.last);
      state.last = now;
    }, 20);
  });
  const seed = 200 + added;
  await addFiles(page, { ...files, [`sound-${seed}.png`]: picture(seed), [`sound-${seed}.txt`]: caption(seed) });
  const report = page.getByRole('status').filter({ hasText: /pictures? added/ });
  await expect(report).toBeVisible();
  const longest = await page.evaluate(() => (window as unknown as { pulse: { longest: number } }).pulse.longest);
  expect(longest).toBeLessThan(2_000);
  return report.innerText();
}

/** The names of uses of uses of uses, so many at each of so many levels. */
const towerOf = (levels: number, each: number): string =>
  Array.from({ length: levels }, (_, level) => {
    const content = level === 0 ? '<rect width="1" height="1"/>' : `<use xlink:href="#g${level - 1}"/>`.repeat(each);
    return `<g id="g${level}">${content}</g>`;
  }).join('');

test('SVGs that never end are refused with the reason', async () => {
  const report = await add({
    'brackets.svg': `<!DOCTYPE svg ${'[]'.repeat(60)}\n<svg ${root}/`,
    'uses.svg': svg(`<defs>${towerOf(9, 10)}</defs><use xlink:href="#g8"/>`),
    'entities.svg': svg(`<text>${'&a;'.repeat(3_000)}</text>`, `<!DOCTYPE svg [<!ENTITY a "${'x'.repeat(20_000)}">]>`),
  });
  added += 1;
  expect(report).toMatch(/brackets\.svg\s+The file is no picture that Vernier knows/);
  expect(report).toMatch(/uses\.svg\s+The SVG cannot be drawn: drawing it would take too long/);
  expect(report).toMatch(/entities\.svg\s+The SVG cannot be drawn: its document type defines an entity/);
  await expect(dataSummary(page, stored + added)).toBeVisible();
});

test('an SVG that passes for harmless and is slow to draw is given up', async () => {
  const dashes = '<path stroke="red" stroke-dasharray=".001" d="M0 0L50 50"/>'.repeat(4_000);
  const report = await add({ 'dashes.svg': svg(dashes), 'plain.svg': svg('<circle r="9"/>') });
  added += 2;
  expect(report).toMatch(/dashes\.svg\s+The SVG takes too long to draw/);
  await expect(dataSummary(page, stored + added)).toBeVisible();
});

test('SVGs that look out of the file are drawn without what they name', async () => {
  const report = await add({
    'image.svg': svg(`<image href="${elsewhere}/image"/><use href="${elsewhere}/use#a"/><g id="1"/>`),
    'style.svg': svg(`<style>@import url("${elsewhere}/css"); rect { fill: url(${elsewhere}/fill#x) }</style>`),
    'script.svg': svg(`<script>fetch('${elsewhere}/script'); parent.seen = 1</script><g id="2"/>`),
    'foreign.svg': svg(
      `<foreignObject width="9" height="9"><iframe xmlns="http://www.w3.org/1999/xhtml" src="${elsewhere}/frame"/></foreignObject>`,
    ),
    'entity.svg': svg('<text>&x;</text>', `<!DOCTYPE svg [<!ENTITY x SYSTEM "${elsewhere}/entity">]>`),
  });
  added += 5;
  expect(report).toContain('entity.svg');
  await expect(dataSummary(page, stored + added)).toBeVisible();
  expect(leaks).toEqual([]);
  expect(await page.evaluate(() => 'seen' in window)).toBe(false);
});

test('of a GIF with very many frames the first is taken, and a header of 900 megapixels is enough', async () => {
  const huge = Buffer.from(picture(92));
  huge.writeUInt32BE(30_000, 16);
  huge.writeUInt32BE(30_000, 20);
  const report = await add({ 'frames.gif': gifOf(7_000, 20_000), 'huge.png': huge });
  added += 2;
  expect(report).toMatch(/huge\.png\s+The picture has 900 megapixels \(30000 × 30000\)/);
  await expect(dataSummary(page, stored + added)).toBeVisible();
});

test('the run has gone on, and ends when it is told to', async () => {
  await goTo(page, 'Train');
  const progress = page.getByRole('region', { name: 'Progress' });
  const step = async (): Promise<number> =>
    Number(/([\d,]+) of [\d,]+ steps/.exec(await progress.innerText())?.[1]?.replaceAll(',', ''));
  const before = await step();
  await expect.poll(step).toBeGreaterThan(before);
  await page.getByRole('button', { name: 'Stop and keep best' }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 60_000 });
});

test('a picture to ask about is opened with the same care', async () => {
  await goTo(page, 'Playground');
  await page.getByRole('radio', { name: 'Picture → words' }).click();
  const hostile = { name: 'uses.svg', mimeType: 'image/svg+xml', buffer: Buffer.from(svg(`${towerOf(9, 10)}`)) };
  await choose(page, 'Choose a picture', hostile);
  await expect(page.getByRole('alert')).toContainText('drawing it would take too long');
  await choose(page, 'Choose a picture', {
    ...hostile,
    name: 'plain.svg',
    buffer: Buffer.from(svg('<circle r="9"/>')),
  });
  await expect(page.getByRole('figure')).toContainText('plain.svg');
});

/** A GIF of so many pixels a side whose frames are single dots. */
function gifOf(side: number, frames: number): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(side, 0);
  size.writeUInt16LE(side, 2);
  const palette = Buffer.from([0x80, 0, 0, 255, 0, 0, 0, 0, 255]);
  const frame = Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([
    Buffer.from('GIF89a'),
    size,
    palette,
    ...Array.from({ length: frames }, () => frame),
    Buffer.from([0x3b]),
  ]);
}
