import { expect, test } from '@playwright/test';
import { goTo } from './support/studio.ts';
import { serveBuild } from './support/static-host.ts';

test('a host of plain files is enough: threads, no scripts but its own, and training with the host gone', async ({
  page,
}) => {
  const host = await serveBuild('/a/studio');
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
  });
  try {
    // Loaded anew by itself once the service worker adds the headers.
    let loads = 0;
    page.on('load', () => loads++);
    await page.goto(host.address);
    await expect.poll(() => loads).toBe(2);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await expect(page.getByRole('navigation')).toBeVisible();
    await expect(page.getByRole('navigation').getByText(/Seed CLIP/)).toBeVisible();
    await expect(page.locator('meta[http-equiv="Content-Security-Policy"]')).toHaveAttribute('content', /default-src/);
    const manifest = await page.evaluate(async () => {
      const link = document.querySelector<HTMLLinkElement>('link[rel="manifest"]');
      return link === null ? null : ((await (await fetch(link.href)).json()) as unknown);
    });
    expect(manifest).toMatchObject({ name: 'Vernier', display: 'standalone', start_url: './' });
    const session = await page.context().newCDPSession(page);
    const { installabilityErrors } = await session.send('Page.getInstallabilityErrors');
    // Contexts of tests are private windows, in which nothing is installed.
    const missing = installabilityErrors.filter(({ errorId }) => errorId !== 'in-incognito');
    expect(missing).toEqual([]);
    // What the page cannot say itself the service worker says in the host's place.
    const given = await page.evaluate(async () => Object.fromEntries((await fetch(location.href)).headers));
    expect(given).toMatchObject({ 'referrer-policy': 'no-referrer', 'x-content-type-options': 'nosniff' });
    expect(given['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
  } finally {
    await host.stop();
  }

  await page.goto(`${host.address}?backend=tfjs-wasm`);
  await page.getByRole('button', { name: 'Use the sample' }).click();
  await expect(page.getByText(/1,4\d\d (pictures|images)/).first()).toBeVisible({ timeout: 60_000 });
  await goTo(page, 'Recipe');
  await page.getByRole('radio', { name: 'Quick, without a GPU' }).click();
  await page.getByRole('spinbutton', { name: 'Steps', exact: true }).fill('4');
  await goTo(page, 'Train');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('button', { name: 'New run' })).toBeVisible({ timeout: 120_000 });
  expect(refused).toEqual([]);
});
