import { expect, test, type Page } from '@playwright/test';
import { captionedFolder, dataSummary, dropPath } from './support/data.ts';
import { folderOf } from './support/files.ts';
import { caption, picture } from './support/pictures.ts';
import { choose, openStudio } from './support/studio.ts';

const dropZone = (page: Page) => page.getByText('Drop pictures with captions here');
const pictureList = (page: Page) => page.getByRole('list', { name: 'Pictures' });

/** How many records of datasets and pictures lie on the disk, by store. */
function storedRecords(page: Page): Promise<Readonly<Record<string, number>>> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
      });
    const { name = '' } = (await indexedDB.databases())[0] ?? {};
    const db = await done(indexedDB.open(name));
    const counts: Record<string, number> = {};
    for (const store of db.objectStoreNames) {
      if (!['settings', 'modelFiles'].includes(store)) {
        counts[store] = await done(db.transaction(store).objectStore(store).count());
      }
    }
    db.close();
    return counts;
  });
}

/**
 * Presses Cancel as soon as some pictures are through and most are not; to be called before the import begins. The page itself watches for the
 * moment: seen from outside, an import may be over between two looks.
 */
function cancelMidway(page: Page): Promise<void> {
  return page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          const bar = document.querySelector('main [role=progressbar][aria-label*=pictures]');
          // Of a thousand.
          const done = Number(bar?.getAttribute('aria-valuenow') ?? 0);
          const cancel = [...document.querySelectorAll('button')].find((button) => button.textContent === 'Cancel');
          if (done < 100 || done > 800 || cancel === undefined) return;
          observer.disconnect();
          cancel.click();
          resolve();
        });
        observer.observe(document.body, { subtree: true, childList: true, attributeFilter: ['aria-valuenow'] });
      }),
  );
}

test('a cancelled import leaves no half-read dataset, and what was there as it was', async ({ page }) => {
  const many = await captionedFolder(400, 'many');
  await openStudio(page);
  await expect(dropZone(page)).toBeVisible();
  const before = await storedRecords(page);
  const firstCancelled = cancelMidway(page);
  await choose(page, 'Choose a folder', many);
  await firstCancelled;
  await expect(dropZone(page)).toBeVisible();
  await expect(page.getByRole('alert')).toHaveCount(0);
  await expect.poll(() => storedRecords(page)).toEqual(before);
  await page.reload();
  await expect(dropZone(page)).toBeVisible();

  await choose(page, 'Choose a folder', await captionedFolder(12));
  await expect(dataSummary(page, 12)).toBeVisible();
  const twelve = await storedRecords(page);
  await dropPath(page, pictureList(page), many);
  const secondCancelled = cancelMidway(page);
  await page.getByRole('button', { name: /^Add to/ }).click();
  await secondCancelled;
  await expect(dataSummary(page, 12)).toBeVisible();
  await expect.poll(() => storedRecords(page)).toEqual(twelve);
  await page.reload();
  await expect(dataSummary(page, 12)).toBeVisible();

  // The same pictures can be added after all.
  await dropPath(page, pictureList(page), many);
  await page.getByRole('button', { name: /^Add to/ }).click();
  await expect(dataSummary(page, 400)).toBeVisible({ timeout: 60_000 });
});

test('a dropped folder is read with all its folders, however many files they hold', async ({ page }) => {
  const files: Record<string, Uint8Array | string> = { 'notes/readme.txt': 'no caption of any picture' };
  // The browser lists 100 entries of a folder at a time.
  for (let seed = 0; seed < 60; seed++) {
    files[`deep/down/here/${seed}.png`] = picture(seed);
    files[`deep/down/here/${seed}.txt`] = caption(seed);
  }
  files['above.png'] = picture(150);
  files['above.txt'] = 'a picture above the others';
  await openStudio(page);
  await dropPath(page, dropZone(page), await folderOf(files, 'nested'));
  await expect(page.getByRole('heading', { name: 'nested' })).toBeVisible();
  await expect(dataSummary(page, 61)).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '61 pictures added' })).toContainText('61 captions');
  await page.getByRole('searchbox').fill('a picture above the others');
  await expect(pictureList(page).getByRole('listitem')).toHaveCount(1);
});

test('a dropped folder of folders names its classes', async ({ page }) => {
  const files: Record<string, Uint8Array> = {};
  for (let seed = 0; seed < 8; seed++) files[`${seed < 4 ? 'cat' : 'dog'}/${seed}.png`] = picture(seed);
  await openStudio(page);
  await dropPath(page, dropZone(page), await folderOf(files, 'pets'));
  await expect(dataSummary(page, 8)).toBeVisible();
  await page.getByRole('searchbox').fill('a photo of a dog');
  await expect(pictureList(page).getByRole('listitem')).toHaveCount(4);
});
