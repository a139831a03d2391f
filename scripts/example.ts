/**
 * What a ready-made example reaches as it is set up: builds the studio, opens the example with one click in headless Chromium, trains it, and prints
 * what was measured on the test pictures, which had no part in the run. The last line printed is the report as JSON.
 *
 * Usage: npm run example -- reviews [--input picture|words|both] [--fusion concat|gate|attention] [--width N] [--blocks N]
 *                                   [--backend webgpu|wasm] [--studio ADDRESS of one that is served already]
 */
import { mkdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { z } from 'zod';
import { chromiumArguments, findChromium } from './chromium.ts';
import { backendQuery, exportRun, goTo, minute, output, say, watchTraining } from './studio.ts';

/** The button that opens an example. */
const examples: Readonly<Record<string, string>> = {
  reviews: 'Use the reviews',
  counts: 'Use the counts',
  categories: 'Use the categories',
  captions: 'Use the captions',
  questions: 'Use the questions',
};

/** How the studio names what a head reads, and how that is brought together. */
const choices = {
  input: { field: 'Learns from', options: { picture: 'The picture', words: 'The words', both: 'Both' } },
  fusion: {
    field: 'Brought together by',
    options: { concat: 'Side by side', gate: 'Gate', attention: 'Attention' },
  },
} as const;

const recordSchema = z.object({
  environment: z.object({ backend: z.string() }),
  data: z.object({ images: z.number() }),
  result: z.object({ steps: z.number(), seconds: z.number(), bestStep: z.number() }),
  test: z.object({ base: z.record(z.string(), z.unknown()), tuned: z.record(z.string(), z.unknown()) }),
});

/** Chooses an option of the recipe. @throws Error where there is no such option */
async function choose(page: Page, choice: keyof typeof choices, asked: string | undefined): Promise<void> {
  if (asked === undefined) return;
  const { field, options } = choices[choice];
  const option = Object.entries(options).find(([id]) => id === asked)?.[1];
  if (option === undefined) throw new Error(`--${choice} is one of ${Object.keys(options).join(', ')}.`);
  await page.getByRole('radiogroup', { name: field, exact: true }).getByRole('radio', { name: option }).click();
}

/** Fills in a field of the recipe that stands behind "Advanced" of the task. */
async function fill(page: Page, field: string, value: string | undefined): Promise<void> {
  if (value === undefined) return;
  const task = page.getByRole('region', { name: 'Task', exact: true });
  const box = task.getByRole('spinbutton', { name: field, exact: true });
  if (!(await box.isVisible())) await task.getByRole('button', { name: 'Advanced' }).click();
  await box.fill(value);
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      backend: { type: 'string', default: 'wasm' },
      input: { type: 'string' },
      fusion: { type: 'string' },
      width: { type: 'string' },
      blocks: { type: 'string' },
      studio: { type: 'string' },
    },
  });
  const action = examples[positionals[0] ?? 'reviews'];
  if (action === undefined) throw new Error(`The examples are ${Object.keys(examples).join(', ')}.`);
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('This needs Chromium or Chrome. Install one, or run npm test once.');
  if (values.studio === undefined) {
    say('Building the studio …');
    await build({ logLevel: 'error' });
  }
  const server = values.studio === undefined ? await preview({ logLevel: 'error', preview: { port: 4327 } }) : null;
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  try {
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    page.setDefaultTimeout(5 * minute);
    await page.goto(`${values.studio ?? server?.resolvedUrls?.local[0] ?? ''}${backendQuery(values.backend)}`);
    say('Opening the example …');
    await page.getByRole('button', { name: action }).click();
    await page
      .getByText(/pictures added/)
      .first()
      .waitFor();
    await goTo(page, 'Recipe');
    await choose(page, 'input', values.input);
    await choose(page, 'fusion', values.fusion);
    await fill(page, 'Width of the head', values.width);
    await fill(page, 'Attention blocks', values.blocks);
    await goTo(page, 'Train');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    say('Training …');
    await watchTraining(page);
    // A run that ends is measured on its test pictures by itself.
    await page.getByText('pictures that had no part in the run').waitFor();
    const { files } = await exportRun(page);
    const { environment, data, result, test } = recordSchema.parse(
      JSON.parse(new TextDecoder().decode(files.get('training.json'))),
    );
    console.log(JSON.stringify({ adapter: environment.backend, images: data.images, ...result, test }));
  } finally {
    await browser.close();
    await server?.close();
  }
}

await mkdir(output, { recursive: true });
await main();
