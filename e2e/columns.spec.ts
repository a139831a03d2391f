import { expect, test, type Locator, type Page } from '@playwright/test';
import { dataSummary } from './support/data.ts';
import { folderOf } from './support/files.ts';
import { picture } from './support/pictures.ts';
import { choose, openStudio } from './support/studio.ts';

const kinds = ['boot', 'shoe', 'sock'];

/** Six pictures with a table of captions and other columns. */
function labelledFolder(): Promise<string> {
  const rows = Array.from({ length: 6 }, (_, i) => ({
    file_name: `${i}.png`,
    text: `picture ${i}`,
    kind: kinds[i % 3],
    about: `made of part ${i}`,
    price: 10 + i,
  }));
  const pictures = rows.map(({ file_name }, i): [string, Uint8Array] => [file_name, picture(i)]);
  return folderOf({
    ...Object.fromEntries(pictures),
    'metadata.jsonl': rows.map((row) => JSON.stringify(row)).join('\n'),
  });
}

const role = (page: Page, column: string): Locator => page.getByRole('combobox', { name: `Role of ${column}` });
const showColumns = (page: Page) => page.getByRole('button', { name: /columns/ }).click();

async function giveByKeyboard(page: Page, column: string, letters: string): Promise<void> {
  await role(page, column).focus();
  await page.keyboard.press('Enter');
  // The list takes the focus, and gives it to what the letters begin, each a moment after its key.
  await expect(page.getByRole('listbox')).toBeVisible();
  await page.keyboard.type(letters);
  await expect(page.getByRole('option', { name: new RegExp(`^${letters}`) })).toBeFocused();
  await page.keyboard.press('Enter');
}

test('columns of a table are shown with their values, change their roles by keyboard, and keep them', async ({
  page,
}) => {
  await openStudio(page);
  await choose(page, 'Choose a folder', await labelledFolder());
  await expect(dataSummary(page, 6)).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: '3 more columns (kind, about, price)' })).toBeVisible();
  await showColumns(page);
  const table = page.getByRole('table', { name: 'Columns' });
  await expect(table.getByRole('row', { name: /^kind boot · shoe · sock 3 6/ })).toBeVisible();
  await expect(role(page, 'text')).toHaveText('Caption');
  await expect(role(page, 'kind')).toHaveText('Label');
  await expect(role(page, 'price')).toHaveText('Number');

  await giveByKeyboard(page, 'about', 'Label');
  await expect(role(page, 'about')).toHaveText('Label');
  await expect(role(page, 'about')).toBeFocused();
  await expect(role(page, 'kind')).toHaveText('Not used');

  await giveByKeyboard(page, 'kind', 'Capt');
  await expect(role(page, 'kind')).toHaveText('Caption');
  await expect(role(page, 'text')).toHaveText('Not used');
  await expect(page.getByRole('list', { name: 'Pictures' }).getByText('sock')).toHaveCount(2);

  await giveByKeyboard(page, 'price', 'Split');
  await expect(page.getByRole('alert')).toContainText('“price” says “10” of');

  await page.reload();
  await showColumns(page);
  await expect(role(page, 'about')).toHaveText('Label');
  await expect(role(page, 'kind')).toHaveText('Caption');
  await giveByKeyboard(page, 'text', 'Capt');
  await expect(page.getByRole('list', { name: 'Pictures' }).getByText('picture 5')).toBeVisible();
});

test('a dataset that was stored before there were columns opens as it was', async ({ page }) => {
  await openStudio(page);
  await choose(page, 'Choose a folder', await labelledFolder());
  await expect(dataSummary(page, 6)).toBeVisible();
  // The same database as the studio wrote it before.
  await page.goto('about:blank');
  await page.goto('/samples/index.json');
  await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
      });
    const opened = await done(indexedDB.open('vernier'));
    const kept: [string, IDBValidKey, unknown][] = [];
    for (const name of ['datasets', 'images', 'imageBytes', 'thumbnails', 'settings']) {
      const store = opened.transaction(name).objectStore(name);
      const [keys, values] = await Promise.all([
        done(store.getAllKeys()),
        done(store.getAll() as IDBRequest<unknown[]>),
      ]);
      keys.forEach((key, i) => {
        const value = values[i];
        if (name !== 'datasets' && name !== 'images') return kept.push([name, key, value]);
        const { media = [], ...record } = value as { readonly media?: readonly object[] };
        const before: Record<string, unknown> = { ...record, ...media[0], version: 1 };
        for (const field of ['kind', 'fields', 'columns']) delete before[field];
        return kept.push([name, key, before]);
      });
    }
    opened.close();
    await done(indexedDB.deleteDatabase('vernier'));
    const request = indexedDB.open('vernier', 2);
    request.onupgradeneeded = () => {
      const db = request.result;
      for (const name of [
        'datasets',
        'imageBytes',
        'thumbnails',
        'modelFiles',
        'runs',
        'runData',
        'runMetrics',
        'runTensors',
        'settings',
      ])
        db.createObjectStore(name);
      db.createObjectStore('images').createIndex('by-dataset', ['datasetId', 'order']);
    };
    const db = await done(request);
    const transaction = db.transaction(['datasets', 'images', 'imageBytes', 'thumbnails', 'settings'], 'readwrite');
    for (const [name, key, value] of kept) transaction.objectStore(name).put(value, key);
    await new Promise((resolve) => (transaction.oncomplete = resolve));
    db.close();
  });
  await openStudio(page);
  await expect(dataSummary(page, 6)).toBeVisible();
  const pictures = page.getByRole('list', { name: 'Pictures' });
  await expect(pictures.getByText('picture 0')).toBeVisible();
  await page.getByRole('button', { name: '3 columns' }).click();
  await expect(role(page, 'caption')).toHaveText('Caption');
});
