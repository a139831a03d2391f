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
  const share = page.getByRole('button', { name: 'Share link' });
  await share.click();
  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(share).toBeFocused();
});
