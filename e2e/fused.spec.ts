import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { readSafetensors } from '../src/model/safetensors.ts';
import { unzip } from './support/files';
import { serveSmallSamples } from './support/samples';
import { goTo, openStudio } from './support/studio';

test('the reviews open with one click, a head of picture and words learns them, and leaves for Transformers and ONNX', async ({
  page,
}) => {
  test.setTimeout(600_000);
  await serveSmallSamples(page, 1200);
  await openStudio(page);
  await page.getByRole('button', { name: 'Use the reviews' }).click();
  await expect(page.getByText(/1,200 pictures added/).first()).toBeVisible({ timeout: 180_000 });

  // All is set up for it; only the steps are fewer here.
  await goTo(page, 'Recipe');
  const chosen = (field: string, option: string) =>
    page.getByRole('radiogroup', { name: field, exact: true }).getByRole('radio', { name: option, exact: true });
  await expect(chosen('Learns from', 'Both')).toBeChecked();
  await expect(chosen('Brought together by', 'Gate')).toBeChecked();
  await expect(chosen('Head', 'Hidden layer')).toBeChecked();
  const steps = page.getByRole('spinbutton', { name: 'Steps', exact: true });
  await expect(steps).toHaveValue('800');
  await steps.fill('60');
  await page.getByRole('spinbutton', { name: 'Evaluate every', exact: true }).fill('30');

  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 420_000 });
  await expect(page.getByText('The run has failed')).toBeHidden();
  const result = page.getByRole('region', { name: 'Result' });
  const [, before = '', after = ''] = /Accuracy ([\d.]+) → ([\d.]+) %/.exec(await result.innerText()) ?? [];
  expect(Number(after)).toBeGreaterThan(Number(before));

  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 120_000 });
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const files = await unzip(await readFile(await (await download).path()));
  const head = JSON.parse(new TextDecoder().decode(files.get('head.json'))) as Record<string, unknown>;
  expect(head).toMatchObject({ fusion: 'gate', head: 'mlp', labels: ['negative', 'positive'] });
  expect(files.get('model.onnx')?.length).toBeGreaterThan(10_000);
  const tensors = readSafetensors(files.get('head.safetensors') ?? new Uint8Array(), 'the head');
  expect(tensors.get('classifier.weight')?.shape).toEqual([2, 256]);
  expect(tensors.has('head.gate.weight')).toBe(true);
});
