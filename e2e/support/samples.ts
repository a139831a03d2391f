import type { Page } from '@playwright/test';
import { unzip, zipOf } from './files.ts';

/**
 * Serves the ready-made samples with so many pictures each at most, and otherwise as they are: what takes long about them is their number. Whole they
 * are in `story.spec.ts`.
 */
export async function serveSmallSamples(page: Page, most: number): Promise<void> {
  await page.route('**/samples/index.json', async (route) => {
    const response = await route.fetch();
    const samples = (await response.json()) as readonly { readonly count: number }[];
    await route.fulfill({ json: samples.map((sample) => ({ ...sample, count: Math.min(sample.count, most) })) });
  });
  await page.route('**/samples/*.zip', async (route) => {
    const response = await route.fetch();
    await route.fulfill({ contentType: 'application/zip', body: await fewOf(await response.body(), most) });
  });
}

/** A zip of pictures with their `metadata.jsonl`, with so many of them, taken evenly. */
async function fewOf(zip: Uint8Array, most: number): Promise<Buffer> {
  const files = await unzip(zip);
  const all = new TextDecoder().decode(files.get('metadata.jsonl')).trim().split('\n');
  const every = Math.ceil(all.length / most);
  const lines = all.filter((_, index) => index % every === 0);
  const pictures = lines.map((line) => (JSON.parse(line) as { readonly file_name: string }).file_name);
  const kept = pictures.map((name) => [name, files.get(name) ?? new Uint8Array()] as const);
  return zipOf({ ...Object.fromEntries(kept), 'metadata.jsonl': lines.join('\n') });
}
