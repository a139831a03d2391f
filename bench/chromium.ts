import { chromium } from '@playwright/test';
import { createServer } from 'vite';
import { chromiumArguments, findChromium } from '../scripts/chromium';
import { cpuTime } from './cpu-time';
import type { Report } from './harness';

/** Milliseconds for the page to load on a busy machine. */
const startTimeout = 300_000;

/** Calls a function that `bench/page.ts` offers, in headless Chromium on SwiftShader, over a development server. */
export async function inChromium<Options, Result>(name: string, options: Options, report: Report): Promise<Result> {
  const server = await createServer({
    configFile: 'vite.config.ts',
    logLevel: 'error',
    cacheDir: 'node_modules/.cache/bench',
    // Folders of models lie outside the project.
    server: { port: 0, hmr: false, fs: { strict: false } },
    optimizeDeps: {
      entries: ['bench/page.html'],
    },
  });
  await server.listen();
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    args: [...chromiumArguments],
  });
  try {
    const page = await browser.newPage();
    page.on('console', (message) => report(message.text()));
    // All of Chromium's processes descend from this one.
    await page.exposeFunction('cpuTime', () => cpuTime(process.pid));
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.exposeFunction('threadTime', async () => {
      const { metrics } = await devtools.send('Performance.getMetrics');
      const seconds = metrics.find(({ name }) => name === 'ThreadTime')?.value;
      return seconds === undefined ? null : 1000 * seconds;
    });
    const address = server.resolvedUrls?.local[0];
    if (address === undefined) throw new Error('The development server has no address.');
    // The first visit waits for the server to bundle the dependencies.
    await page.goto(`${address}bench/page.html`, { waitUntil: 'commit', timeout: startTimeout });
    await page.waitForFunction(() => 'benchmarks' in globalThis, undefined, { timeout: startTimeout });
    return await page.evaluate(
      ([benchmark, given]) => {
        const { benchmarks } = globalThis as unknown as {
          benchmarks: Record<string, (value: unknown) => Promise<unknown>>;
        };
        const run = benchmarks[benchmark];
        if (run === undefined) throw new Error(`The page has no benchmark ${benchmark}.`);
        return run(given) as Promise<Result>;
      },
      [name, options] as const,
    );
  } finally {
    await browser.close();
    await server.close();
  }
}
