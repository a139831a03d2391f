import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { tinySiglipFiles } from '../src/export/testing/tiny-siglip.ts';
import { readSafetensors } from '../src/model/safetensors.ts';
import { captionedFolder, dataSummary } from './support/data';
import { folderOf, unzip } from './support/files';
import { choose, goTo, openStudio } from './support/studio';

/** A folder with the files of a tiny SigLIP 2. */
async function siglipFolder(): Promise<string> {
  const files = await tinySiglipFiles();
  const contents = await Promise.all(
    files.map(async ({ name, file }) => [name, new Uint8Array(await file.arrayBuffer())] as const),
  );
  return folderOf(Object.fromEntries(contents), 'tiny-siglip');
}

test('a SigLIP from a folder is trained with its own loss and taken home', async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(24));
  await expect(dataSummary(page, 24)).toBeVisible({ timeout: 60_000 });

  await goTo(page, 'Model');
  const folder = await siglipFolder();
  await choose(page, 'Choose a folder', folder);
  await expect(page.getByRole('heading', { name: 'tiny-siglip' }).first()).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText('up to 64 tokens')).toBeVisible();

  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Matching layers only' }).click();
  await expect(page.getByText('Attention pooling')).toBeVisible();
  await expect(page.getByText('Logit bias')).toBeVisible();
  await page.getByLabel('Batch size', { exact: true }).fill('8');
  await page.getByLabel('Epochs', { exact: true }).fill('3');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 180_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();

  await goTo(page, 'Export');
  await expect(page.getByLabel('Python that loads the export')).toContainText('SiglipModel.from_pretrained');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 120_000 });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const files = await unzip(await readFile(await (await download).path()));
  const weights = [...files].find(([path]) => path.endsWith('model.safetensors'))?.[1] ?? new Uint8Array();
  const before = readSafetensors(await readFile(join(folder, 'model.safetensors')), 'the base model');
  expect([...readSafetensors(weights, 'the export').keys()].sort()).toEqual([...before.keys()].sort());
});
