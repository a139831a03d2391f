import { expect, test, type Page } from '@playwright/test';
import { goTo, openStudio } from './support/studio.ts';

const field = (page: Page, name: string) => page.getByRole('spinbutton', { name, exact: true });

/** Copies the link of the recipe through the clipboard, as one does to send it. */
async function copyLink(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Share recipe' }).click();
  await page.getByRole('button', { name: 'Copy link' }).click();
  await expect(page.getByText('The link is in the clipboard.').first()).toBeVisible();
  return page.evaluate(() => navigator.clipboard.readText());
}

async function expectRecipe(page: Page): Promise<void> {
  await expect(page.getByRole('radio', { name: 'Matching layers only' })).toBeChecked();
  await expect(field(page, 'Learning rate')).toHaveAttribute('aria-valuenow', '0.00125');
  await expect(field(page, 'Batch size')).toHaveAttribute('aria-valuenow', '16');
  await expect(page.getByRole('switch', { name: 'Mirror' })).toBeChecked();
}

test('a recipe link opens in another browser, shows what it would change, asks, and gives the same recipe', async ({
  browser,
  baseURL,
}) => {
  const permissions = ['clipboard-read', 'clipboard-write'];
  const sender = await browser.newContext({ baseURL: baseURL ?? '', permissions });
  const from = await sender.newPage();
  await openStudio(from);
  await goTo(from, 'Recipe');
  await from.getByRole('radio', { name: 'Matching layers only' }).click();
  await field(from, 'Learning rate').fill('0.00125');
  await field(from, 'Batch size').fill('16');
  await from.getByRole('switch', { name: 'Mirror' }).click();
  await expectRecipe(from);
  const link = await copyLink(from);
  expect(link.length).toBeLessThan(2000);
  expect(new URL(link).hash).toMatch(/^#\/r\/5\.[\w-]+$/);
  // What the sender computes with is not for the receiver to take over.
  expect(new URL(from.url()).search).not.toBe('');
  expect(new URL(link).search).toBe('');
  await sender.close();

  const receiver = await browser.newContext({ permissions });
  const to = await receiver.newPage();
  await to.goto(link);
  const dialog = to.getByRole('dialog', { name: 'Open a shared recipe?' });
  await expect(dialog).toContainText('It starts from the preset “Matching layers only”');
  const row = (setting: string) => dialog.getByRole('row', { name: new RegExp(`^${setting} `) });
  await expect(row('Learning rate')).toContainText('1.25e-3');
  await expect(row('Batch size')).toHaveText(/64.*16/);
  await expect(row('Mirror')).toBeVisible();
  await expect(row('Optimizer')).toHaveCount(0);

  // Nothing is taken before the answer, and nothing after a no.
  await dialog.getByRole('button', { name: 'Keep my recipe' }).click();
  await expect(to.getByRole('radio', { name: 'Everything' })).toBeChecked();
  await expect(field(to, 'Batch size')).toHaveAttribute('aria-valuenow', '64');

  await to.goto(link);
  await dialog.getByRole('button', { name: 'Use this recipe' }).click();
  await expectRecipe(to);
  expect(new URL(to.url()).hash).toBe('#/recipe');
  // The same recipe makes the same link.
  expect(new URL(await copyLink(to)).hash).toBe(new URL(link).hash);
  await to.reload();
  await expectRecipe(to);
  await expect(dialog).toBeHidden();
  await receiver.close();
});
