import { expect, test, type Page } from '@playwright/test';
import { captionedFolder, dataSummary, dropPath, addFiles } from './support/data.ts';
import { zipOf } from './support/files.ts';
import { caption, picture } from './support/pictures.ts';
import { goTo, openStudio } from './support/studio.ts';

const inFolder = 24;
const inZip = 8;

/** The tests tell one story in one page. */
test.describe.configure({ mode: 'serial' });

let page: Page;

test.beforeAll(async ({ browser, baseURL }) => {
  page = await browser.newPage({ baseURL: baseURL ?? '' });
  await openStudio(page);
});

test.afterAll(() => page.close());

const editCaption = (seed: number) => page.getByRole('button', { name: `Edit caption: ${caption(seed)}`, exact: true });

test('a dropped folder with a caption file beside each picture', async () => {
  await dropPath(page, page.getByText('Drop pictures with captions here'), await captionedFolder(inFolder, 'boxes'));
  await expect(page.getByRole('heading', { name: 'boxes' })).toBeVisible();
  await expect(dataSummary(page, inFolder)).toBeVisible();
  await expect(page.getByRole('status').filter({ hasText: `${inFolder} pictures added` })).toContainText(
    `${inFolder} captions`,
  );
  for (const seed of [0, 5, inFolder - 1]) await expect(editCaption(seed)).toBeVisible();
  await expect(page.getByRole('list', { name: 'Pictures' }).locator('img').first()).toBeVisible();
});

test('a zip with metadata.jsonl joins it; a picture that is there already is not stored twice', async () => {
  const seeds = Array.from({ length: inZip }, (_, index) => 40 + index);
  const rows = seeds.map((seed) => JSON.stringify({ file_name: `images/${seed}.png`, text: caption(seed) }));
  const zip = await zipOf({
    'train/metadata.jsonl': [...rows, JSON.stringify({ file_name: 'images/again.png', text: caption(0) })].join('\n'),
    ...Object.fromEntries(seeds.map((seed) => [`train/images/${seed}.png`, picture(seed)])),
    'train/images/again.png': picture(0),
  });
  await addFiles(page, { 'more.zip': zip });
  await expect(dataSummary(page, inFolder + inZip)).toBeVisible();
  const report = page.getByRole('status').filter({ hasText: `${inZip} pictures added` });
  await expect(report).toContainText('1 duplicate not stored twice');
  for (const seed of [0, ...seeds]) {
    await page.getByRole('searchbox').fill(caption(seed));
    await expect(editCaption(seed)).toBeVisible();
  }
});

test('the projections of the model that ships with the studio learn from them', async () => {
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('6');
  await page.getByRole('spinbutton', { name: 'Batch size' }).fill('8');
  await page.getByRole('spinbutton', { name: 'Evaluate every' }).fill('3');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 120_000 });
  await expect(page.getByText('Training has finished.')).toBeAttached();
  await expect(page.getByRole('button', { name: 'Evaluate', exact: true })).toBeVisible();
  await expect(page.getByRole('navigation').getByRole('link', { name: /^Export/ })).toContainText('1 run');
});
