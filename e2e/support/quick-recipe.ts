import { expect, type Page } from '@playwright/test';
import { captionedFolder, dataSummary } from './data.ts';
import { choose, goTo, openStudio } from './studio.ts';

interface QuickRecipe {
  readonly pictures: number;
  readonly steps: number;
  readonly batchSize?: number;
}

/** Opens the studio with captioned pictures and the preset for machines without a GPU, on the Recipe page. */
export async function openWithQuickRecipe(
  page: Page,
  { pictures, steps, batchSize = 8 }: QuickRecipe,
  backend?: string,
): Promise<void> {
  await openStudio(page, '', backend);
  await choose(page, 'Choose a folder', await captionedFolder(pictures));
  await expect(dataSummary(page, pictures)).toBeVisible();
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await page.getByRole('spinbutton', { name: 'Batch size', exact: true }).fill(String(batchSize));
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill(String(steps));
}
