import { expect, type FileChooser, type Locator, type Page } from '@playwright/test';
import { type Files, folderOf } from './files.ts';
import { caption, formNames, formPicture, picture } from './pictures.ts';
import { goTo } from './studio.ts';

/** A folder of so many pictures, each with its caption in a text file beside it. */
export function captionedFolder(count: number, name = 'pictures'): Promise<string> {
  const files: Record<string, Uint8Array | string> = {};
  for (let seed = 0; seed < count; seed++) {
    files[`${seed}.png`] = picture(seed);
    files[`${seed}.txt`] = caption(seed);
  }
  return folderOf(files, name);
}

/** A folder with a folder for each class of forms, of so many pictures each. */
export function classFolders(count: number): Promise<string> {
  const files: Record<string, Uint8Array | string> = {};
  for (const form of formNames) {
    for (let seed = 0; seed < count; seed++) files[`${form}/${seed}.png`] = formPicture(form, seed);
  }
  return folderOf(files, 'forms');
}

/** Files as a file chooser takes them, in no folder. */
export function asChosen(files: Files): Exclude<Parameters<FileChooser['setFiles']>[0], string | readonly string[]> {
  return Object.entries(files).map(([name, content]) => ({
    name,
    mimeType: 'application/octet-stream',
    buffer: Buffer.from(content),
  }));
}

/** Adds files to the dataset in use through the menu of the Data page and waits for the end of the import. */
export async function addFiles(page: Page, files: Files): Promise<void> {
  await goTo(page, 'Data');
  await page.getByRole('button', { name: 'Add pictures' }).click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('menuitem', { name: 'Choose files' }).click();
  await (await chooser).setFiles(asChosen(files));
  await page.getByRole('button', { name: /^Add to/ }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeHidden();
}

/**
 * Drops a file or folder of the disk on an element, as the system's file manager would.
 *
 * @param whileOver what to do while it hovers there
 */
export async function dropPath(
  page: Page,
  target: Locator,
  path: string,
  whileOver?: () => Promise<void>,
): Promise<void> {
  const box = await target.boundingBox();
  if (box === null) throw new Error('The element to drop on is not shown.');
  const session = await page.context().newCDPSession(page);
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [path], dragOperationsMask: 1 };
  const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, ...at, data });
  await send('dragEnter');
  await send('dragOver');
  await whileOver?.();
  await send('drop');
  await session.detach();
}

/** The line below the dataset's name. */
export function dataSummary(page: Page, pictures: number): Locator {
  return page.getByText(new RegExp(`^${pictures.toLocaleString('en')} pictures? · `));
}
