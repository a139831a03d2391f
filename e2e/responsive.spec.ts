import { expect, test } from '@playwright/test';
import { dataSummary, dropPath } from './support/data.ts';
import { folderOf } from './support/files.ts';
import { caption, picture } from './support/pictures.ts';
import { openStudio } from './support/studio.ts';
import { taskCosts } from './support/tasks.ts';

const pictures = 2000;
/** Milliseconds that one task may hold up the page. */
const limit = 100;

test('adding 2,000 pictures does not freeze the page', async ({ browser, page }) => {
  const files: Record<string, Uint8Array | string> = {};
  for (let seed = 0; seed < pictures; seed++) {
    // Pictures of one size repeat after 200 seeds.
    files[`${seed}.png`] = picture(seed, 32 + 2 * Math.floor(seed / 200));
    files[`${seed}.txt`] = caption(seed);
  }
  const folder = await folderOf(files, 'many');
  await openStudio(page);
  // The model is opened meanwhile, in the worker; the page's own start is not counted.
  await expect(page.getByRole('navigation').getByRole('link', { name: /^Model/ })).toContainText('Seed CLIP');

  const costs = await taskCosts(browser, page, async () => {
    // Dropped, not chosen: the browser makes the list of a file chooser in one piece, before the page hears of it.
    await dropPath(page, page.getByText('Drop pictures with captions here'), folder);
    await expect(dataSummary(page, pictures)).toBeVisible({ timeout: 120_000 });
    await expect(page.getByRole('status').filter({ hasText: '2,000 pictures added' })).toContainText('2,000 captions');
    await expect(page.getByRole('list', { name: 'Pictures' }).locator('img').first()).toBeVisible();
  });
  const costliest = costs.slice(0, 5).map((cost) => cost.toFixed(0));
  test.info().annotations.push({ type: 'costliest tasks', description: `${costliest.join(', ')} ms` });
  expect(costs.length).toBeGreaterThan(100);
  expect(costs[0]).toBeLessThanOrEqual(limit);
});

test('a task that freezes the page is found', async ({ browser, page }) => {
  await openStudio(page);
  const costs = await taskCosts(browser, page, () =>
    page.evaluate(() => {
      const until = performance.now() + 2000;
      while (performance.now() < until);
    }),
  );
  expect(costs[0]).toBeGreaterThan(limit);
});
