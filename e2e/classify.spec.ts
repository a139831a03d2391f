import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { readSafetensors } from '../src/model/safetensors.ts';
import { classFolders } from './support/data';
import { unzip } from './support/files';
import { choose, goTo, openStudio } from './support/studio';

test('folders of classes come in, a head learns them, its mistakes open, and a classifier leaves', async ({ page }) => {
  test.setTimeout(600_000);
  await openStudio(page);
  await choose(page, 'Choose a folder', await classFolders(40));
  await expect(page.getByText(/120 pictures added/).first()).toBeVisible({ timeout: 120_000 });

  await goTo(page, 'Recipe');
  await page.getByRole('combobox', { name: 'Task', exact: true }).click();
  await page.getByRole('option', { name: 'Classify' }).click();
  await page.getByText('Quick, without a GPU').click();
  // What concerns captions alone is not there any more.
  await expect(page.getByText('Highest certainty (logit scale)')).toBeHidden();
  await expect(page.getByText('Words only')).toBeHidden();
  await expect(page.getByText('The head only')).toBeVisible();

  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 420_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();
  const result = page.getByRole('region', { name: 'Result' });
  const [, before = '', after = ''] = /Accuracy ([\d.]+) → ([\d.]+) %/.exec(await result.innerText()) ?? [];
  expect(Number(after)).toBeGreaterThan(Number(before));
  expect(Number(after)).toBeGreaterThan(80);
  await expect(page.getByText('Predicted classes')).toBeVisible();

  await goTo(page, 'Evaluate');
  await page.getByRole('radio', { name: 'Train' }).click();
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByRole('table', { name: 'Confusion matrix' })).toBeVisible({ timeout: 120_000 });
  await page.getByRole('button', { name: /pictures? of circles taken for circles/ }).click();
  await expect(page.getByRole('dialog').getByRole('img').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  await goTo(page, 'Playground');
  await page.getByRole('radio', { name: 'Classify' }).click();
  await page.getByRole('main').locator('button:has(img)').first().click();
  await expect(page.getByRole('region', { name: 'Base model' }).getByText('squares')).toBeVisible({ timeout: 60_000 });

  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 120_000 });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const files = await unzip(await readFile(await (await download).path()));
  const config = JSON.parse(new TextDecoder().decode(files.get('config.json'))) as Record<string, unknown>;
  expect(config).toMatchObject({
    architectures: ['CLIPForImageClassification'],
    id2label: { 0: 'circles', 1: 'crosses', 2: 'squares' },
    problem_type: 'single_label_classification',
  });
  const tensors = readSafetensors(files.get('model.safetensors') ?? new Uint8Array(), 'the export');
  expect(tensors.get('classifier.weight')?.shape[0]).toBe(3);
  expect([...tensors.keys()].some((name) => name.startsWith('text_model'))).toBe(false);

  // The run is there again after the tab was closed, with its charts and its pictures.
  await page.reload();
  await page
    .getByRole('navigation')
    .getByRole('link', { name: /acc \d+ %/ })
    .first()
    .click();
  await expect(page.getByRole('heading', { name: 'Macro F1' })).toBeVisible();
  await expect(page.getByText('Predicted classes')).toBeVisible();
});
