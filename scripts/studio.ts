/** What scripts that drive the built studio have in common: they go through its real interface, as a person would. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Page } from '@playwright/test';
import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader } from '@zip.js/zip.js';

/** Figures and files that scripts leave. */
export const output = 'out';
export const minute = 60_000;
const backends = { webgpu: 'webgpu', wasm: 'tfjs-wasm' } as const;

/** The query of the studio's address that asks for a backend. @throws Error for another than the two */
export function backendQuery(backend: string | undefined): string {
  if (backend === undefined) return '';
  if (backend !== 'webgpu' && backend !== 'wasm') {
    throw new Error(`--backend is "${backend}"; "webgpu" and "wasm" are the choices.`);
  }
  return `?backend=${backends[backend]}`;
}

const begun = Date.now();
/** Prints a line with the time since the start. */
export function say(message: string): void {
  console.log(`${((Date.now() - begun) / 1000).toFixed(0).padStart(4)} s  ${message}`);
}

/** Goes to a stage through the rail. */
export async function goTo(page: Page, stage: string): Promise<void> {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${stage}`) })
    .click();
}

/** Says how far the run is until it has ended. */
export async function watchTraining(page: Page): Promise<void> {
  const ended = page.getByRole('button', { name: 'New run' });
  let last = '';
  while (!(await ended.isVisible())) {
    const detail = await page
      .getByRole('navigation')
      .getByRole('link', { name: /^Train/ })
      .innerText();
    const line = detail.replaceAll('\n', ' ').trim();
    if (line !== last) say(line);
    last = line;
    await page.waitForTimeout(2000);
  }
  const failure = page.getByText('The run has failed');
  if (await failure.isVisible()) throw new Error(await page.getByRole('main').innerText());
}

/** Builds the export of the run in use, unpacks it under `out/` and says where. */
export async function exportRun(
  page: Page,
): Promise<{ readonly folder: string; readonly files: Map<string, Uint8Array> }> {
  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  say('Exporting …');
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const zip = join(output, (await download).suggestedFilename());
  await (await download).saveAs(zip);
  const folder = zip.replace(/\.zip$/, '');
  return { folder, files: await unpack(zip, folder) };
}

/** Unpacks the export into a folder and returns its files by name. */
async function unpack(zip: string, folder: string): Promise<Map<string, Uint8Array>> {
  const reader = new ZipReader(new Uint8ArrayReader(new Uint8Array(await readFile(zip))));
  const files = new Map<string, Uint8Array>();
  await rm(folder, { recursive: true, force: true });
  for (const entry of await reader.getEntries()) {
    if (entry.directory) continue;
    const bytes = await entry.getData(new Uint8ArrayWriter());
    const name = entry.filename.slice(entry.filename.lastIndexOf('/') + 1);
    files.set(name, bytes);
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), bytes);
  }
  return files;
}
