import { expect, test } from '@playwright/test';
import { goTo, openStudio } from './support/studio';

test('a recipe that needs more memory than there is says so and offers what makes it fit', async ({ page }) => {
  await openStudio(page);
  await page.getByRole('button', { name: 'Use the sample' }).click();
  await expect(page.getByText(/1,4\d\d pictures added/).first()).toBeVisible({ timeout: 120_000 });

  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Everything' }).click();
  await page.getByLabel('Batch size', { exact: true }).fill('1024');
  const notice = page.getByText(/This run needs about [\d.]+ GB, and 3\.2 GB can be used\. To make it fit, use micro-/);
  // The model has to be open.
  await expect(notice).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Switch gradient checkpointing on' })).toBeVisible();

  await page.getByRole('button', { name: /^Use micro-batches of \d+$/ }).click();
  await expect(notice).toBeHidden();
  await expect(page.getByText(/each in \d+ micro-batches of \d+/)).toBeVisible();
  await goTo(page, 'Train');
  await expect(page.getByRole('button', { name: 'Train', exact: true })).toBeEnabled();
});
