import { expect, test } from '@playwright/test';
import { captionedFolder, dataSummary } from './support/data.ts';
import { choose, goTo, openStudio } from './support/studio.ts';

test('a dialog gives the focus back to what opened it', async ({ page }) => {
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(12));
  await expect(dataSummary(page, 12)).toBeVisible();
  const dialog = page.getByRole('dialog');

  const machine = page.getByRole('button', { name: /WebAssembly$/ });
  await machine.focus();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(machine).toBeFocused();

  // An item of a menu is gone by then, and a field in the dialog takes the focus when it opens.
  const more = page.getByRole('button', { name: 'More about this dataset' });
  await more.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('menuitem', { name: 'Rename' }).press('Enter');
  await expect(dialog.getByRole('textbox')).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(more).toBeFocused();

  const first = page.getByRole('button', { name: /^Open / }).first();
  await first.click();
  await dialog.getByRole('button', { name: 'Done' }).click();
  await expect(first).toBeFocused();

  // What opened the dialog goes with the picture: the page has the focus, not the document.
  await first.click();
  await dialog.getByRole('button', { name: 'Delete the picture' }).click();
  await expect(dataSummary(page, 11)).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();

  await goTo(page, 'Recipe');
  const share = page.getByRole('button', { name: 'Share recipe' });
  await share.click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(share).toBeFocused();

  await goTo(page, 'Data');
  await more.click();
  await page.getByRole('menuitem', { name: 'Delete the dataset' }).click();
  await dialog.getByRole('button', { name: 'Delete the dataset' }).click();
  await expect(page.getByRole('button', { name: 'Use the sample' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
});

test('a page begins at its top with the focus and its name in the title, and Back returns to where it was left', async ({
  page,
}) => {
  await openStudio(page);
  await expect(page).toHaveTitle('Data – Vernier');
  // Nobody has gone anywhere yet: the first Tab reaches the skip link.
  await expect(page.getByRole('main')).not.toBeFocused();
  const scrolled = () => page.evaluate(() => window.scrollY);

  await goTo(page, 'Recipe');
  await expect(page).toHaveTitle('Recipe – Vernier');
  await expect(page.getByRole('main')).toBeFocused();
  await page.getByRole('button', { name: 'Advanced' }).first().click();
  await page.evaluate(() => window.scrollTo(0, 300));
  await expect.poll(scrolled).toBe(300);

  await goTo(page, 'Model');
  await expect(page).toHaveTitle('Model – Vernier');
  await expect(page.getByRole('main')).toBeFocused();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  expect(await scrolled()).toBe(0);

  await page.goBack();
  await expect(page).toHaveTitle('Recipe – Vernier');
  await expect.poll(scrolled).toBe(300);
  await goTo(page, 'Recipe');
  expect(await scrolled()).toBe(300);
});

test('the Tab key stops at one picture of the grid, and arrow keys go on from there', async ({ page }) => {
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(40));
  await expect(dataSummary(page, 40)).toBeVisible();
  const place = () =>
    page.evaluate(() => document.activeElement?.closest('[aria-posinset]')?.getAttribute('aria-posinset'));
  const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.split(' ')[0]);
  const standsAt = (expected: readonly string[]) =>
    expect.poll(async () => [await place(), await focused()]).toEqual(expected);

  await page.getByRole('radio', { name: 'Test' }).focus();
  await page.keyboard.press('Tab');
  await standsAt(['1', 'Open']);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowDown');
  await expect.poll(async () => Number(await place())).toBeGreaterThan(4);
  // No card is above the first row or before the first card.
  for (const key of ['ArrowUp', 'ArrowUp', 'ArrowLeft', 'ArrowLeft']) await page.keyboard.press(key);
  await standsAt(['1', 'Open']);
  await page.keyboard.press('Tab');
  await page.keyboard.press('ArrowRight');
  await standsAt(['2', 'Edit']);

  // Arrow keys in a caption move the caret.
  await page.keyboard.press('Enter');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.type(' indeed');
  await page.keyboard.press('Enter');
  await standsAt(['2', 'Edit']);
  await expect(page.getByRole('button', { name: / indeed$/ }).first()).toBeVisible();

  // The grid is left with one press, and come back to where it was left.
  await page.keyboard.press('Tab');
  await expect.poll(place).toBeUndefined();
  await page.keyboard.press('Shift+Tab');
  await standsAt(['2', 'Edit']);
});
