import { expect, test } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo, openStudio } from './support/studio.ts';

test('a second tab shows the run of the first, leaves it alone, and may train when it has ended', async ({
  page: first,
  context,
}) => {
  await openWithQuickRecipe(first, { pictures: 24, steps: 100_000 });
  await goTo(first, 'Train');
  await first.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(first.getByRole('region', { name: 'Progress' })).toContainText(/step/i, { timeout: 60_000 });
  const name = await first.getByRole('heading', { level: 1 }).innerText();

  const second = await context.newPage();
  await openStudio(second);
  await goTo(second, 'Train');
  const train = second.getByRole('button', { name: 'Train', exact: true });
  await expect(second.getByRole('row', { name: new RegExp(`^${name} `) })).toBeVisible();
  await expect(train).toBeDisabled();
  await second
    .getByRole('row', { name: new RegExp(`^${name} `) })
    .getByRole('link', { name })
    .click();
  await expect(second.getByRole('heading', { name, level: 1 })).toBeVisible();
  await expect(second.getByRole('button', { name: 'Delete', exact: true })).toBeHidden();
  await goTo(second, 'Train');

  await first.getByRole('button', { name: /^Stop( and keep best)?$/ }).click();
  await expect(first.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 60_000 });
  await expect(train).toBeEnabled();
  await expect(second.getByRole('row', { name: new RegExp(`^${name} `) })).toContainText('stopped');
});
