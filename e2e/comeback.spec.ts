import { expect, test, type Page } from '@playwright/test';
import { caption } from './support/pictures.ts';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo, stopRun } from './support/studio.ts';

async function search(page: Page, words: string): Promise<void> {
  await goTo(page, 'Playground');
  await page.getByRole('searchbox').fill(words);
  const base = page.getByRole('region', { name: 'Base model' });
  await expect(base.getByRole('button').first()).toBeVisible({ timeout: 60_000 });
}

async function evaluate(page: Page): Promise<void> {
  await goTo(page, 'Evaluate');
  await page.getByRole('button', { name: 'Evaluate', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Evaluate again' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('table').first()).toContainText('Recall@1');
}

test('the base model can be measured and searched with before anything is trained', async ({ page }) => {
  await page.addInitScript(() => {
    const post = Reflect.get(Worker.prototype, 'postMessage') as () => void;
    Worker.prototype.postMessage = function (...given: unknown[]) {
      const { type, params } = given[0] as { readonly type?: string; readonly params?: { readonly query?: string } };
      if (type === 'searchImages') sessionStorage.setItem('searched', params?.query ?? '');
      Reflect.apply(post, this, given);
    };
  });
  await openWithQuickRecipe(page, { pictures: 24, steps: 4 });
  await evaluate(page);
  // Pictures are encoded as soon as the page opens, before any words are typed.
  await goTo(page, 'Playground');
  const searched = (): Promise<string | null> => page.evaluate(() => sessionStorage.getItem('searched'));
  await expect.poll(searched).not.toBeNull();
  await search(page, caption(1));
  expect(await searched()).toBe(caption(1));
});

test('what a run left can be searched with, measured and exported in another visit', async ({ page }) => {
  await openWithQuickRecipe(page, { pictures: 24, steps: 4 });
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 90_000 });

  await page.reload();
  await search(page, caption(1));

  await page.reload();
  await evaluate(page);
  await expect(page.getByText(/The base model against/)).toBeVisible();

  await page.reload();
  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 60_000 });
});

test('a run can be stopped while it is being prepared', async ({ page }) => {
  await openWithQuickRecipe(page, { pictures: 24, steps: 4 });
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await stopRun(page);
  await expect(page.getByText(/Stopped before the first step/).first()).toBeVisible({ timeout: 30_000 });
  await page.getByRole('button', { name: 'New run' }).click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/Finished after 4 steps/)).toBeVisible({ timeout: 90_000 });
});

test('after a run, Train keeps its result until the recipe is another', async ({ page }) => {
  await openWithQuickRecipe(page, { pictures: 24, steps: 4 });
  await goTo(page, 'Train');
  const train = page.getByRole('button', { name: 'Train', exact: true });
  await train.click();
  const newRun = page.getByRole('button', { name: 'New run' });
  await expect(newRun).toBeVisible({ timeout: 90_000 });
  await goTo(page, 'Recipe');
  await goTo(page, 'Train');
  await expect(newRun).toBeVisible();
  await goTo(page, 'Recipe');
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('3');
  await goTo(page, 'Train');
  await expect(train).toBeEnabled();
  await expect(newRun).toBeHidden();
});
