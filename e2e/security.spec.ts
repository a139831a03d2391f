import { expect, test, type Page } from '@playwright/test';
import { openWithQuickRecipe } from './support/quick-recipe.ts';
import { serveBuild, servePage } from './support/static-host.ts';
import { goTo } from './support/studio.ts';

declare global {
  interface Window {
    violations: string[];
  }
}

/** Notes what the policy of the page kept from happening. */
async function watchPolicy(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.violations = [];
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      window.violations.push(`${violatedDirective}: ${blockedURI}`);
    });
  });
}

test('the page comes with a strict policy, and the whole way from pictures to an export keeps to it', async ({
  page,
  baseURL,
}) => {
  const asked = new Set<string>();
  const refused: string[] = [];
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url());
    if (protocol !== 'blob:' && protocol !== 'data:') asked.add(origin);
  });
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
  });
  await watchPolicy(page);
  const answer = await page.goto('/');
  const headers = answer?.headers() ?? {};
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'");
  expect(headers['content-security-policy']).not.toMatch(/script-src[^;]*'unsafe-(inline|eval)'/);
  expect(headers['referrer-policy']).toBe('no-referrer');
  expect(headers['x-content-type-options']).toBe('nosniff');
  await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveAttribute('content', /default-src/);
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

  expect(await page.evaluate(() => window.violations)).toEqual([]);
  expect(refused).toEqual([]);
  expect([...asked]).toEqual([new URL(baseURL ?? '').origin]);
});

test('inside of a page of another site nothing starts, on a host without headers too, and one link leads out', async ({
  page,
  context,
}) => {
  const host = await serveBuild('/a/studio');
  const other = await servePage(`<iframe src="${host.address}#/model" width="900" height="400"></iframe>`);
  try {
    await page.goto(other.address);
    const frame = page.frameLocator('iframe');
    const link = frame.getByRole('link', { name: 'Open Vernier in its own tab' });
    await expect(link).toBeVisible();
    await expect(frame.locator('main')).toContainText('does not start inside of a page of another site');
    await expect(frame.locator('#root')).toHaveCount(0);
    const [, inside] = page.frames();
    expect(await inside?.evaluate(async () => (await indexedDB.databases()).length)).toBe(0);
    expect(page.workers()).toEqual([]);

    const opened = context.waitForEvent('page');
    await link.click();
    const own = await opened;
    await expect(own.getByRole('navigation')).toBeVisible();
    expect(own.url()).toBe(`${host.address}#/model`);
  } finally {
    await Promise.all([host.stop(), other.stop()]);
  }
});
