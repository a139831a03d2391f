import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { captionedFolder, dataSummary } from '../e2e/support/data';
import { choose, goTo, openStudio } from '../e2e/support/studio';
import { chromiumArguments, findChromium } from '../scripts/chromium';

/** The built studio in Chromium, for benchmarks of what a user gets. */

/** How long anything may take there, in milliseconds. */
export const patience = 600_000;
const pictures = 96;

/**
 * Serves the studio as it is built, builds it where nothing is, and opens a Chromium; both are closed at the end.
 *
 * @param flags of Chromium, besides those of the tests
 */
export async function inBuiltStudio<T>(
  measure: (browser: Browser, baseURL: string) => Promise<T>,
  flags: readonly string[] = [],
): Promise<T> {
  if (!existsSync('dist/index.html')) await build({ logLevel: 'warn' });
  const server = await preview({ preview: { port: 0, open: false }, logLevel: 'error' });
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    args: [...chromiumArguments, ...flags],
  });
  try {
    const baseURL = server.resolvedUrls?.local[0];
    if (baseURL === undefined) throw new Error('The preview server has no address.');
    return await measure(browser, baseURL);
  } finally {
    await browser.close();
    await server.close();
  }
}

/** A run at small size. */
export interface Subject {
  readonly task?: string;
  readonly preset: string;
  /** Its button on the Train page opens the model that the task needs. */
  readonly model?: string;
  readonly batchSize: number;
  readonly steps: number;
  readonly evaluateEvery: number;
}

/** Opens the studio, adds pictures and sets the run up: it can be trained then, and the page says how long that takes. */
export async function readyToTrain(page: Page, backend: 'webgpu' | 'tfjs-wasm', subject: Subject): Promise<void> {
  await openStudio(page, '', backend);
  await choose(page, 'Choose a folder', await captionedFolder(pictures));
  await dataSummary(page, pictures).waitFor({ timeout: patience });
  await setUp(page, subject);
  await goTo(page, 'Train');
  await page.getByText(/^Takes /).waitFor({ timeout: patience });
}

async function setUp(page: Page, { task, preset, model, batchSize, steps, evaluateEvery }: Subject): Promise<void> {
  await goTo(page, 'Recipe');
  if (task !== undefined) {
    await page.getByRole('combobox', { name: 'Task', exact: true }).click();
    await page.getByRole('option', { name: task }).click();
  }
  await page.getByRole('radio', { name: preset }).click();
  if (model !== undefined) {
    await goTo(page, 'Train');
    await page.getByRole('button', { name: model }).click();
    await goTo(page, 'Recipe');
  }
  await page.getByRole('radio', { name: 'Steps', exact: true }).click();
  const fill = (field: string, value: number): Promise<void> =>
    page.getByRole('spinbutton', { name: field, exact: true }).fill(String(value));
  await fill('Batch size', batchSize);
  await fill('Steps', steps);
  await fill('Evaluate every', evaluateEvery);
}
