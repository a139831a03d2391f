import { expect, test } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { goTo } from './support/studio.ts';

test('the page has no inline script, and the whole way from pictures to an export asks no other address', async ({
  page,
  baseURL,
}) => {
  const asked = new Set<string>();
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:') asked.add(origin);
  });
  const answer = await page.goto('/');
  const headers = answer?.headers() ?? {};
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(await page.locator('script:not([src])').count()).toBe(0);

  await openWithQuickRecipe(page, { pictures: 12, steps: 4 });
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 90_000 });
  await goTo(page, 'Evaluate');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await goTo(page, 'Playground');
  await expect(page.getByRole('searchbox')).toBeVisible();
  await goTo(page, 'Export');
  await page.getByRole('button', { name: 'Build export' }).click();
  await expect(page.getByText(/Read back: the largest difference/)).toBeVisible({ timeout: 60_000 });

  expect([...asked]).toEqual([new URL(baseURL ?? '').origin]);
});
