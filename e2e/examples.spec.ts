import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { unzip } from './support/files';
import { serveSmallSamples } from './support/samples';
import { goTo, openStudio } from './support/studio';

/**
 * What of each ready-made example is told by its task; the reviews have a test of their own (`fused.spec.ts`). Those whose export is known from other
 * pictures are not taken home once more (`classify.spec.ts`, `words.spec.ts`).
 */
const examples = [
  {
    action: 'Use the categories',
    task: 'Classify',
    result: /Accuracy [\d.]+ → [\d.]+ %/,
    shown: 'Predicted classes',
    leavesAs: null,
  },
  {
    action: 'Use the counts',
    task: 'Predict numbers',
    result: /Mean absolute error [\d.]+ → [\d.]+/,
    shown: 'Predicted numbers',
    leavesAs: { file: 'head.json', says: { task: 'regression', labels: ['count'] } },
  },
  {
    action: 'Use the captions',
    task: 'Write captions',
    result: /CIDEr-D [\d.]+ → [\d.]+/,
    shown: 'What it writes',
    leavesAs: null,
  },
  {
    action: 'Use the questions',
    task: 'Answer questions',
    result: /VQA accuracy [\d.]+ → [\d.]+ %/,
    shown: 'What it answers',
    leavesAs: null,
  },
] as const;

for (const { action, task, result, shown, leavesAs } of examples) {
  test(`"${action}" opens an example that is set up to train`, async ({ page }) => {
    await serveSmallSamples(page, 240);
    await openStudio(page);
    await page.getByRole('button', { name: action }).click();
    await expect(page.getByText(/pictures added/).first()).toBeVisible({ timeout: 60_000 });

    await goTo(page, 'Recipe');
    await expect(page.getByRole('combobox', { name: 'Task', exact: true })).toHaveText(task);
    await page.getByRole('radiogroup', { name: 'Count in' }).getByRole('radio', { name: 'Steps' }).click();
    await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('2');
    await page.getByRole('spinbutton', { name: 'Evaluate every', exact: true }).fill('2');
    await page.getByRole('spinbutton', { name: 'Batch size', exact: true }).fill('8');
    await goTo(page, 'Train');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 120_000 });
    await expect(page.getByText('The run has failed')).toBeHidden();
    await expect(page.getByRole('region', { name: 'Result' })).toContainText(result);
    await expect(page.getByRole('region', { name: shown }).getByRole('listitem').first()).toBeVisible();

    if (leavesAs === null) return;
    await goTo(page, 'Export');
    await page.getByRole('button', { name: 'Build export' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download', exact: true }).click({ timeout: 120_000 });
    const files = await unzip(await readFile(await (await download).path()));
    expect(JSON.parse(new TextDecoder().decode(files.get(leavesAs.file)))).toMatchObject(leavesAs.says);
  });
}
