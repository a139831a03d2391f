import { expect, test } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { dataSummary } from './support/data.ts';
import { goTo, openStudio, stopRun } from './support/studio.ts';

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
  // It is watched live, and left to its tab.
  await expect(second.getByText('This run is in progress in another tab')).toBeVisible();
  const step = second.getByRole('region', { name: 'Progress' }).locator('b').first();
  const seen = Number((await step.innerText()).replaceAll(',', ''));
  await expect.poll(async () => Number((await step.innerText()).replaceAll(',', ''))).toBeGreaterThan(seen + 100);
  await expect(second.getByRole('button', { name: 'Pause' })).toHaveCount(0);
  await goTo(second, 'Data');
  await second.getByRole('button', { name: 'More about this dataset' }).click();
  await expect(second.getByRole('menuitem', { name: /is training on these pictures/ })).toBeVisible();
  await second.keyboard.press('Escape');
  await goTo(second, 'Train');

  await stopRun(first);
  await expect(first.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 60_000 });
  await expect(train).toBeEnabled();
  await expect(second.getByRole('row', { name: new RegExp(`^${name} `) })).toContainText('stopped');
});

test('a tab that was open before a run began deletes nothing that the run trains on', async ({
  page: first,
  context,
}) => {
  await openWithQuickRecipe(first, { pictures: 24, steps: 100_000 });
  const second = await context.newPage();
  // It hears nothing of other tabs, as one that was asleep: only the locks keep it from deleting.
  await second.addInitScript(() => {
    BroadcastChannel.prototype.addEventListener = () => undefined;
  });
  await openStudio(second);
  await goTo(second, 'Data');
  await expect(dataSummary(second, 24)).toBeVisible();

  await goTo(first, 'Train');
  await first.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(first.getByText(/^[1-9]\d* of 100,000 steps/).first()).toBeVisible({ timeout: 60_000 });

  const deleteIn = async (page: typeof second): Promise<void> => {
    await page.getByRole('button', { name: 'More about this dataset' }).click();
    await page.getByRole('menuitem', { name: /^Delete the dataset/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the dataset' }).click();
  };
  await deleteIn(second);
  await expect(second.getByText(/A run is training on these pictures, so none of them was deleted\./)).toBeVisible();
  // Its model is held in the same way.
  const held = await second.evaluate(async () => (await navigator.locks.query()).held?.map(({ name }) => name));
  expect(held).toContain('vernier:in-use:model/seed-clip');
  await expect(dataSummary(second, 24)).toBeVisible();

  await stopRun(first);
  await expect(first.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 60_000 });
  await expect(first.getByText(/is not stored any more/)).toHaveCount(0);
  await deleteIn(second);
  await expect(dataSummary(second, 24)).toBeHidden();
});
