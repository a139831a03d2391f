import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { readSafetensors } from '../src/model/safetensors.ts';
import { captionedFolder, dataSummary } from './support/data';
import { unzip } from './support/files';
import { choose, goTo, openStudio } from './support/studio';

test('a newcomer fine-tunes the embedded model on the sample, searches, and takes the model home', async ({ page }) => {
  test.setTimeout(600_000);
  await openStudio(page);
  await page.getByRole('button', { name: 'Use the sample' }).click();
  await expect(page.getByText(/1,4\d\d pictures added/).first()).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText(/^Read as Hugging Face imagefolder: /)).toBeVisible();
  await expect(page.getByText('abacus', { exact: true }).first()).toBeVisible();

  await goTo(page, 'Recipe');
  await expect(page.getByRole('region', { name: 'What this will cost' })).toBeVisible();
  await page.getByText('Quick, without a GPU').click();
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 420_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();

  // What it found: validation captions with the pictures of base and tuned model.
  await expect(page.getByText('tuned').first()).toBeVisible();

  await goTo(page, 'Playground');
  await expect(page.getByText('Type words to find pictures.').first()).toBeVisible();
  await page.getByRole('searchbox').fill('sailboat');
  await expect(page.getByRole('region', { name: 'Base model' }).getByRole('button', { name: /^sailboat/ })).toBeVisible(
    { timeout: 240_000 },
  );

  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText('Frozen layers are bit-identical to the original.')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const files = await unzip(await readFile(await (await download).path()));
  const names = new Map([...files].map(([path, bytes]) => [path.slice(path.lastIndexOf('/') + 1), bytes]));
  for (const name of [
    'config.json',
    'tokenizer.json',
    'preprocessor_config.json',
    'LICENSE',
    'README.md',
    'training.json',
  ]) {
    expect([...names.keys()]).toContain(name);
  }
  const text = (name: string): string => new TextDecoder().decode(names.get(name));
  // Python reads `1` as an integer, which Transformers refuses here.
  expect(text('config.json')).toContain('"initializer_factor": 1.0');
  // Page and model card show the same code, but for where the folder lies.
  const code = await page.getByLabel('Python that loads the export').innerText();
  expect(code).toContain('ImageOps.exif_transpose');
  expect(text('README.md')).toContain(code.slice(code.indexOf('model = ')).trim());
  const record = JSON.parse(new TextDecoder().decode(names.get('training.json'))) as {
    result: { trainedTensors: string[]; baseline: { loss: number }; evaluations: { loss: number }[] };
  };
  expect(record.result.trainedTensors).toContain('visual_projection.weight');
  const best = Math.min(...record.result.evaluations.map(({ loss }) => loss));
  expect(best).toBeLessThan(record.result.baseline.loss);
  const tuned = readSafetensors(names.get('model.safetensors') ?? new Uint8Array(), 'the export');
  const base = readSafetensors(await readFile('public/models/seed-clip/model.safetensors'), 'the base model');
  expect([...tuned.keys()].sort()).toEqual([...base.keys()].sort());

  // What was asked stays.
  await goTo(page, 'Playground');
  await expect(page.getByRole('searchbox')).toHaveValue('sailboat');

  // Everything is there again after the tab was closed.
  await page.reload();
  await goTo(page, 'Data');
  await expect(page.getByText('abacus', { exact: true }).first()).toBeVisible();
  await goTo(page, 'Recipe');
  await expect(page.getByText('Quick, without a GPU')).toBeVisible();
  await page.getByRole('navigation').getByRole('link', { name: /R@1/ }).first().click();
  await expect(page.getByRole('heading', { name: /Recall@1/ }).first()).toBeVisible();
});

test('training runs on WebGPU as well, on a software adapter', async ({ page }) => {
  test.setTimeout(600_000);
  await openStudio(page, '', 'webgpu');
  // Few pictures: the software adapter is slow.
  await choose(page, 'Choose a folder', await captionedFolder(24));
  await expect(dataSummary(page, 24)).toBeVisible();
  await goTo(page, 'Recipe');
  await page.getByText('Quick, without a GPU').click();
  await page.getByRole('spinbutton', { name: 'Steps' }).fill('4');
  await page.getByRole('spinbutton', { name: 'Batch size' }).fill('8');
  await page.getByRole('spinbutton', { name: 'Batch size' }).press('Tab');
  await goTo(page, 'Train');
  await expect(page.getByText(/swiftshader/i).first()).toBeVisible();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 420_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();
});
