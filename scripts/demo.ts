/**
 * The main job without a hand on the mouse: builds the studio, drives it in headless Chromium through its real interface (sample data, embedded
 * model, the preset for machines without a GPU, train, evaluate, export) and writes the exported model and a report under out/. The last line
 * printed is the report as JSON.
 *
 * Usage: npm run demo [-- --backend webgpu|wasm]
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { z } from 'zod';
import { readSafetensors, tensorValues } from '../src/model/safetensors.ts';
import { chromiumArguments, findChromium } from './chromium.ts';
import { backendQuery, exportRun, goTo, minute, output, say, watchTraining } from './studio.ts';

const directionSchema = z.object({ recallAt1: z.number() });
const retrievalSchema = z.object({ imageToText: directionSchema, textToImage: directionSchema, gallery: z.number() });
const recordSchema = z.object({
  recipe: z.object({ model: z.string() }),
  environment: z.object({ backend: z.string() }),
  data: z.object({ images: z.number() }),
  result: z.object({
    steps: z.number(),
    seconds: z.number(),
    trainedTensors: z.array(z.string()),
  }),
  /** Of the test pictures: the validation pictures have chosen the step that is exported. */
  test: z.object({
    base: retrievalSchema,
    tuned: retrievalSchema,
    change: z.object({ bothRecallAt1: z.object({ low: z.number(), high: z.number() }) }),
  }),
});

/** Losses of the run's first and last steps, each the mean of up to five. */
async function readLosses(page: Page): Promise<{ first: number; last: number }> {
  const losses = await page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open('vernier');
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(new Error('The studio has no database.'));
    });
    const chunks = await new Promise<{ loss: number }[][]>((resolve) => {
      const request = database.transaction('runMetrics').objectStore('runMetrics').getAll();
      request.onsuccess = () => resolve(request.result as { loss: number }[][]);
    });
    database.close();
    return chunks.flat().map((row) => row.loss);
  });
  const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return { first: mean(losses.slice(0, 5)), last: mean(losses.slice(-5)) };
}

/** Whether every tensor that was not trained holds the numbers of the embedded model, bit for bit. */
async function frozenUnchanged(files: Map<string, Uint8Array>, trained: readonly string[]): Promise<boolean> {
  const weights = files.get('model.safetensors');
  if (weights === undefined) throw new Error('The export holds no model.safetensors.');
  const base = readSafetensors(new Uint8Array(await readFile('dist/models/seed-clip/model.safetensors')), 'the base');
  const tuned = readSafetensors(weights, 'the export');
  return [...base].every(([name, tensor]) => {
    if (trained.includes(name)) return true;
    const exported = tuned.get(name);
    return (
      exported !== undefined &&
      Buffer.from(tensorValues(tensor).buffer).equals(Buffer.from(tensorValues(exported).buffer))
    );
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { backend: { type: 'string' } } });
  const query = backendQuery(values.backend);
  const executablePath = findChromium();
  if (executablePath === null) throw new Error('The demo needs Chromium or Chrome. Install one, or run npm test once.');
  say('Building the studio …');
  await build({ logLevel: 'error' });
  const server = await preview({ logLevel: 'error', preview: { port: 4327 } });
  const browser = await chromium.launch({ executablePath, args: [...chromiumArguments] });
  try {
    const page = await browser.newPage({ viewport: { width: 1366, height: 768 } });
    page.setDefaultTimeout(5 * minute);
    await page.goto(`${server.resolvedUrls?.local[0] ?? ''}${query}`);
    say('Adding the sample …');
    await page.getByRole('button', { name: 'Use the sample' }).click();
    await page
      .getByText(/pictures added/)
      .first()
      .waitFor();
    await goTo(page, 'Recipe');
    await page.getByText('Quick, without a GPU').click();
    await goTo(page, 'Train');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    say('Training …');
    await watchTraining(page);
    // A run that ends is measured on its test pictures by itself.
    await page.getByText('pictures that had no part in the run').waitFor();
    await page.screenshot({ path: join(output, 'train.png') });
    const loss = await readLosses(page);
    await goTo(page, 'Evaluate');
    say('Evaluating on the test pictures …');
    await page.getByRole('heading', { name: 'Worst mistakes' }).waitFor();
    await page.screenshot({ path: join(output, 'evaluation.png') });
    const { folder, files } = await exportRun(page);
    const { environment, data, result, test, recipe } = recordSchema.parse(
      JSON.parse(new TextDecoder().decode(files.get('training.json'))),
    );
    const recall = ({ imageToText, textToImage }: typeof test.base): number =>
      (imageToText.recallAt1 + textToImage.recallAt1) / 2;
    const report = {
      // What trained: the processor, or the adapter that WebGPU has found.
      adapter: environment.backend,
      model: recipe.model,
      images: data.images,
      steps: result.steps,
      seconds: Number(result.seconds.toFixed(1)),
      loss,
      recallAt1: { before: recall(test.base), after: recall(test.tuned), interval95: test.change.bothRecallAt1 },
      gallery: test.base.gallery,
      frozenUnchanged: await frozenUnchanged(files, result.trainedTensors),
      export: folder,
    };
    await writeFile(join(output, 'demo.json'), `${JSON.stringify(report, null, 2)}\n`);
    say(`Done. The model is in ${folder}; reference/README.md says how to try it with Transformers.`);
    console.log(JSON.stringify(report));
  } finally {
    await browser.close();
    await server.close();
  }
}

await mkdir(output, { recursive: true });
await main();
