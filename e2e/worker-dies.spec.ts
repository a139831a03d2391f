import { expect, test, type Page } from '@playwright/test';
import { captionedFolder, dataSummary } from './support/data.ts';
import { choose, goTo, openStudio } from './support/studio.ts';

let page: Page;

test.beforeEach(async ({ browser, baseURL }) => {
  page = await browser.newPage({ baseURL: baseURL ?? '' });
  await page.clock.install();
  await openStudio(page);
  await choose(page, 'Choose a folder', await captionedFolder(12));
  await expect(dataSummary(page, 12)).toBeVisible();
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await page.getByRole('spinbutton', { name: 'Batch size', exact: true }).fill('8');
});

test.afterEach(() => page.close());

/** Ends the studio's worker as a browser does that needs its memory: without an error, and without a word to the page. */
async function endWorker(): Promise<void> {
  const worker = page.workers().find((each) => /\/worker-[^/]*\.js$/.test(each.url()));
  await worker?.evaluate(() => self.close()).catch(() => undefined);
}

async function train(steps: string): Promise<void> {
  await goTo(page, 'Recipe');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill(steps);
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
}

test('a run whose worker ends is told of truthfully, and the studio goes on without a reload', async () => {
  await train('100000');
  await expect(page.getByRole('region', { name: 'Progress' })).toContainText(/\b[1-9][\d,]* of [\d,]+ steps/, {
    timeout: 90_000,
  });
  const name = await page.getByRole('heading', { level: 1 }).innerText();
  // The run would go on by itself after a second.
  await page.clock.pauseAt(Date.now() + 2000);
  await endWorker();
  await expect(page.getByText('The browser ended the background worker').first()).toBeVisible();
  await expect(page.getByText(/^It (begins once more|goes on from step [\d,]+) in a second\.$/)).toBeVisible();
  await page.getByRole('button', { name: 'Leave it' }).click();
  await page.clock.resume();
  await expect(page.getByRole('region', { name: 'Progress' })).toBeHidden();
  const row = page.getByRole('navigation').getByRole('link', { name: new RegExp(name) });
  await expect(row).toContainText('interrupted');
  await row.click();
  await expect(page.getByText(/background worker/).first()).toBeVisible();
  await expect(page.getByText(/closed|reloaded/)).toHaveCount(0);

  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'New run' }).click();
  await expect(page.getByRole('button', { name: /WebAssembly$/ })).toBeVisible();
  await train('4');
  await expect(page.getByRole('region', { name: 'Result' })).toContainText('Finished after 4 steps', {
    timeout: 90_000,
  });
  await expect(page.getByText('The browser ended the background worker')).toHaveCount(0);

  // The reason was written down.
  await page.reload();
  await row.click();
  await expect(page.getByText(/background worker/).first()).toBeVisible();
});
