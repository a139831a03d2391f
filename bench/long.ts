import type { Page } from '@playwright/test';
import { openWithQuickRecipe } from '../e2e/support/quick-recipe';
import { goTo } from '../e2e/support/studio';
import { inBuiltStudio } from './built-studio';
import type { Report } from './harness';
import { prepareWatching, ratesOf, subject, watch, type FrameRates, type Watched } from './long-frames';

/** A long run in the built studio, in Chromium: whether memory stays as it is, and what the page has of it. */

export interface LongOptions {
  readonly steps: number;
  /** Threads that train. With one, the page has a core of its own where there are two. */
  readonly threads: number;
}

export interface LongResult extends LongOptions {
  readonly seconds: number;
  /** After so many steps, in MB: all of the page's and the worker's heaps, once what is left over has been collected; tensors of TensorFlow.js. */
  readonly memory: readonly MemoryAt[];
  /** Of a blank page before the studio trains. */
  readonly idle: FrameRates;
  /** Of the studio's page, which shows the run, and of a blank page in another tab in front of it, in turn while the run goes on. */
  readonly studio: FrameRates;
  readonly blank: FrameRates;
}

interface MemoryAt {
  readonly step: number;
  readonly page: number;
  readonly worker: number;
  readonly tensors: number | null;
  readonly tensorBytes: number | null;
}

/** Times that each of two pages is watched, and for how long. */
const rounds = 4;
const roundSeconds = 5;

export function benchmarkLong({ steps, threads }: LongOptions, report: Report): Promise<LongResult> {
  // Memory is measured when it is asked for, and not at the next idle moment.
  return inBuiltStudio(
    async (browser, baseURL) => {
      // The service worker would serve the worker's script as it is built.
      const context = await browser.newContext({ baseURL, serviceWorkers: 'block' });
      await context.addInitScript('globalThis.__name = (value) => value;');
      await context.addInitScript(prepareWatching);
      await context.route(/\/worker-[^/]*\.js$/, async (route) => {
        const response = await route.fetch();
        const cores = `Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => ${threads} });\n`;
        await route.fulfill({ response, body: cores + (await response.text()) });
      });
      await context.route('**/blank.html', (route) => route.fulfill({ contentType: 'text/html', body: blankPage }));
      const studio = await subject(await context.newPage());
      const blank = await subject(await context.newPage());
      await blank.page.goto('/blank.html');
      const idle = ratesOf([await watch(blank, roundSeconds)]);
      const { page } = studio;
      await page.bringToFront();
      // It goes on while it is measured, and is not waited for.
      await openWithQuickRecipe(page, { pictures: 24, steps: 40 * steps }, 'tfjs-wasm');
      await goTo(page, 'Train');
      await page.getByRole('button', { name: 'Train', exact: true }).click();
      const memory: MemoryAt[] = [];
      const began = Date.now();
      for (const part of [0.1, 0.25, 0.5, 1]) {
        const step = await reached(page, Math.round(part * steps));
        memory.push({ step, ...(await memoryOf(page)) });
        report(JSON.stringify(memory.at(-1)));
      }
      const seconds = (Date.now() - began) / 1000;
      const watched = { studio: [] as Watched[], blank: [] as Watched[] };
      for (let round = 0; round < rounds; round++) {
        watched.studio.push(await watch(studio, roundSeconds));
        watched.blank.push(await watch(blank, roundSeconds));
      }
      if (!(await page.getByRole('button', { name: 'Pause' }).isVisible())) {
        throw new Error('The run ended before its page had been watched: ask for more --steps.');
      }
      return { steps, threads, seconds, memory, idle, studio: ratesOf(watched.studio), blank: ratesOf(watched.blank) };
    },
    ['--enable-blink-features=ForceEagerMeasureMemory'],
  );
}

const blankPage = '<!doctype html><title>Blank</title>';

/** Waits until a run has come to a step, and gives the one that it is at. */
async function reached(page: Page, step: number): Promise<number> {
  const found = await page.waitForFunction(
    (least) => {
      const [, number = ''] = /([\d,]+) of [\d,]+ steps/.exec(document.querySelector('main')?.textContent ?? '') ?? [];
      const at = Number(number.replaceAll(',', ''));
      return at >= least ? at : null;
    },
    step,
    { polling: 200, timeout: 600_000 },
  );
  return Number(await found.jsonValue());
}

async function memoryOf(page: Page): Promise<Omit<MemoryAt, 'step'>> {
  const [pageBytes, workerBytes] = await page.evaluate(async () => {
    interface Measured {
      readonly breakdown: readonly {
        readonly bytes: number;
        readonly attribution: readonly { readonly scope: string }[];
      }[];
    }
    const measurable = performance as unknown as { measureUserAgentSpecificMemory(): Promise<Measured> };
    const { breakdown } = await measurable.measureUserAgentSpecificMemory();
    const bytesIn = (worker: boolean): number =>
      breakdown
        .filter(({ attribution: [first] }) => (first?.scope === 'DedicatedWorkerGlobalScope') === worker)
        .reduce((sum, { bytes }) => sum + bytes, 0);
    return [bytesIn(false), bytesIn(true)] as const;
  });
  const worker = page.workers().find((each) => /\/worker-[^/]*\.js$/.test(each.url()));
  // TensorFlow.js keeps its engine where every copy of it finds it.
  const tensors = await worker?.evaluate(() => {
    const { _tfengine } = globalThis as { _tfengine?: { memory(): { numTensors: number; numBytes: number } } };
    return _tfengine?.memory() ?? null;
  });
  const inMegabytes = (bytes: number): number => Math.round(bytes / 1e5) / 10;
  return {
    page: inMegabytes(pageBytes),
    worker: inMegabytes(workerBytes),
    tensors: tensors?.numTensors ?? null,
    tensorBytes: tensors?.numBytes ?? null,
  };
}
