import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { readSafetensors } from '../src/model/safetensors.ts';
import { unzip } from './support/files';
import { goTo, openStudio } from './support/studio';

test('a model is exported in the format that is chosen, with the options of that format', async ({ page }) => {
  await openStudio(page);
  await goTo(page, 'Export');
  const format = page.getByRole('radiogroup', { name: 'Format' });
  const code = page.getByLabel('Python that loads the export');
  await expect(format.getByRole('radio', { name: 'Hugging Face' })).toBeChecked();
  await expect(code).toContainText('CLIPModel.from_pretrained');
  await expect(page.getByText('model.safetensors', { exact: true })).toBeVisible();

  await page.getByRole('radiogroup', { name: 'Precision' }).getByText('float16').click();
  // By the keyboard too.
  await format.getByRole('radio', { name: 'Hugging Face' }).focus();
  await page.keyboard.press('ArrowRight');
  // The focus moves a moment after the key.
  const openClip = format.getByRole('radio', { name: 'OpenCLIP' });
  await expect(openClip).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(openClip).toBeChecked();
  await expect(
    page.getByRole('radiogroup', { name: 'Precision' }).getByRole('radio', { name: 'float16' }),
  ).toBeChecked();
  await expect(code).toContainText('local-dir:');
  await expect(page.getByText('open_clip_config.json', { exact: true })).toBeVisible();

  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference of an embedding is 0/)).toBeVisible({
    timeout: 120_000,
  });
  await expect(page.getByText('Frozen layers are bit-identical to the original.')).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download', exact: true }).click();
  const files = await unzip(await readFile(await (await download).path()));
  const config = JSON.parse(new TextDecoder().decode(files.get('open_clip_config.json'))) as {
    model_cfg: { embed_dim: number; quick_gelu: boolean };
  };
  expect(config.model_cfg).toMatchObject({ embed_dim: 192, quick_gelu: true });
  const weights = readSafetensors(files.get('open_clip_model.safetensors') ?? new Uint8Array(), 'the export');
  expect(weights.get('visual.transformer.resblocks.0.attn.in_proj_weight')?.shape).toEqual([576, 192]);

  // An export in another format is another export; the first is still there on return.
  await format.getByText('Hugging Face').click();
  await expect(page.getByRole('button', { name: 'Build export' })).toBeVisible();
  await format.getByText('OpenCLIP').click();
  await expect(page.getByRole('button', { name: 'Download', exact: true })).toBeVisible();
});
