import { expect, test } from '@playwright/test';
import { goTo, openStudio } from './support/studio';

test('an evaluation is cut by a column, and tells what groups are too small for', async ({ page }) => {
  test.setTimeout(300_000);
  await openStudio(page);
  await page.getByRole('button', { name: 'Use the categories' }).click();
  await goTo(page, 'Evaluate');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  const groups = page.getByRole('table', { name: /by category/ });
  await expect(groups).toBeVisible({ timeout: 200_000 });
  await expect(groups.getByRole('rowheader', { name: /^Objects/ })).toBeVisible();
  await expect(page.getByText(/From the worst group/)).toBeVisible();
  await expect(page.getByText(/too small to say \(grey\)/)).toBeVisible();
  await page.getByRole('combobox', { name: 'Metric' }).click();
  await page.getByRole('option').nth(1).click();
  await expect(page.getByRole('table', { name: /by category/ })).toBeVisible();
});
