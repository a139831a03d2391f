import { expect, test } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';

test('a sweep tries several values, goes on after a reload, and says which did best', async ({ page }) => {
  await openWithQuickRecipe(page, { pictures: 40, steps: 24 });
  await page.getByRole('button', { name: 'Sweep', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New sweep');
  await page.getByRole('spinbutton', { name: 'Learning rate from' }).fill('1e-5');
  await page.getByRole('spinbutton', { name: 'Trials' }).fill('3');
  await page.getByRole('button', { name: 'Start the sweep' }).click();
  const rows = page.getByRole('table').getByRole('row');
  await expect(rows.nth(1)).toContainText('in progress', { timeout: 60_000 });

  page.once('dialog', (dialog) => void dialog.accept());
  await page.reload();
  await expect(page.getByText('This sweep was interrupted')).toBeVisible();
  await expect(rows.nth(1)).toBeVisible();
  const rates = (): Promise<string[]> =>
    page.getByRole('table').getByRole('row').locator('td:nth-child(3)').allInnerTexts();
  const begun = await rates();
  await page.getByRole('button', { name: 'Go on', exact: true }).click();
  await expect(page.getByText('All 3 trials have ended.')).toBeVisible({ timeout: 90_000 });
  await expect(rows).toHaveCount(4);
  expect((await rates()).slice(0, begun.length)).toEqual(begun);
  expect(new Set(await rates()).size).toBe(3);

  // The best by the table is the one that is offered.
  await page.getByRole('button', { name: /^Validation loss/ }).click();
  await page.getByRole('button', { name: /^Validation loss/ }).click();
  await expect(rows.nth(1)).toContainText('best');
  const [rate = ''] = await rates();
  await page.getByRole('button', { name: 'Use this recipe' }).click();
  await expect(page.getByRole('spinbutton', { name: 'Learning rate', exact: true })).toHaveValue(rate);

  // It can be set up once more as it was.
  await page.goBack();
  await page.getByRole('button', { name: 'Another sweep like it' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('New sweep');
  await expect(page.getByRole('spinbutton', { name: 'Learning rate from' })).toHaveValue('1e-5');
  await expect(page.getByRole('spinbutton', { name: 'Trials' })).toHaveValue('3');
});
