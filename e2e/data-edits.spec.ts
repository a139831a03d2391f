import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { dataSummary, dropPath } from './support/data.ts';
import { folderOf } from './support/files.ts';
import { picture } from './support/pictures.ts';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo, stopRun } from './support/studio.ts';

const training = /is training on these pictures\. Wait for its end, or stop it on the Train page\./;

async function openDataMenu(page: Page): Promise<void> {
  await goTo(page, 'Data');
  await page.getByRole('button', { name: 'More about this dataset' }).click();
}

async function evaluate(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Evaluate again' })).toBeVisible({ timeout: 60_000 });
}

test('pictures stay while a run trains on them; a split made after it is said where the run is measured', async ({
  page,
}) => {
  await openWithQuickRecipe(page, { pictures: 24, steps: 50_000 });
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();

  await openDataMenu(page);
  const remove = page.getByRole('menuitem', { name: /^Delete the dataset/ });
  await expect(remove).toHaveAccessibleName(training);
  await expect(remove).toBeDisabled();
  await remove.click({ force: true });
  await expect(page.getByRole('menuitem', { name: 'Change the split' })).toBeEnabled();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.keyboard.press('Escape');
  await page.getByRole('list', { name: 'Pictures' }).getByRole('button', { name: /^Open/ }).first().click();
  await expect(page.getByRole('button', { name: 'Delete the picture' })).toHaveAccessibleDescription(training);
  await page.keyboard.press('Escape');

  await goTo(page, 'Train');
  await expect(page.getByText(/^[1-9]\d* of 50,000 steps/).first()).toBeVisible({ timeout: 60_000 });
  await stopRun(page);
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 60_000 });

  await goTo(page, 'Evaluate');
  await evaluate(page);
  await expect(page.getByText('The data has changed since this run.')).toHaveCount(0);

  await openDataMenu(page);
  await page.getByRole('menuitem', { name: 'Change the split' }).click();
  await page.getByRole('spinbutton', { name: 'Seed' }).fill('9');
  await page.getByRole('button', { name: 'Split again' }).click();
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await goTo(page, 'Evaluate');
  // What was measured before stays, and says of what it is.
  const before = page.getByText('The pictures have changed since this was measured.');
  await expect(before).toBeVisible();
  await page.getByRole('button', { name: 'Evaluate again' }).click();
  await expect(before).toHaveCount(0, { timeout: 60_000 });
  await expect(page.getByText('The data has changed since this run.')).toBeVisible();

  // A file that is dropped here is asked about where files are asked about.
  await dropPath(
    page,
    page.getByRole('heading', { level: 1 }),
    join(await folderOf({ 'one.png': picture(99) }), 'one.png'),
    async () => {
      await expect(page.getByText('Drop to add to your data')).toBeVisible();
      // A drag that is given up sends no more news.
      await expect(page.getByText('Drop to add to your data')).toHaveCount(0);
    },
  );
  await page
    .getByRole('dialog')
    .getByRole('button', { name: /^Add to/ })
    .click();
  await expect(dataSummary(page, 25)).toBeVisible();
  await page.getByRole('list', { name: 'Pictures' }).getByRole('button', { name: /^Open/ }).last().click();
  await page.getByRole('button', { name: 'Delete the picture' }).click();
  await expect(dataSummary(page, 24)).toBeVisible();
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(dataSummary(page, 25)).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
});
