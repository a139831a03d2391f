import { expect, type FileChooser, type Page } from '@playwright/test';

/** Opens the studio, on WASM unless told otherwise: the quickest path without a GPU. */
export async function openStudio(page: Page, hash = '', backend = 'tfjs-wasm'): Promise<void> {
  await page.goto(`/?backend=${backend}${hash}`);
  await expect(page.getByRole('navigation')).toBeVisible();
}

/** Goes to a stage through the rail. */
export async function goTo(page: Page, stage: string): Promise<void> {
  await page
    .getByRole('navigation')
    .getByRole('link', { name: new RegExp(`^${stage}`) })
    .click();
}

/** Stops the run in progress, whatever the button says that it keeps. */
export async function stopRun(page: Page): Promise<void> {
  await page
    .locator('header')
    .getByRole('button', { name: /^Stop( |$)/ })
    .click();
}

/** Chooses files with the button of that name. */
export async function choose(page: Page, button: string, files: Parameters<FileChooser['setFiles']>[0]): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: button }).click();
  await (await chooser).setFiles(files);
}
