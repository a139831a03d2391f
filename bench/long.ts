import { existsSync } from 'node:fs';
import { chromium, type Page } from '@playwright/test';
import { build, preview } from 'vite';
import { openWithQuickRecipe } from '../e2e/support/quick-recipe';
import { goTo } from '../e2e/support/studio';
import { chromiumArguments, findChromium } from '../scripts/chromium';
import type { Report } from './harness';

/** A long run in the built studio, in Chromium: whether memory stays as it is, and what the page has of it. */

export interface LongResult {
  readonly steps: number;
  readonly seconds: number;
  /** After so many steps, in MB: all of the page's and the worker's heaps, once what is left over has been collected; tensors of TensorFlow.js. */
  readonly memory: readonly MemoryAt[];
  /** From worker to page. */
  readonly messages: { readonly count: number; readonly aSecond: number; readonly mostInASecond: number };
  /** Of the page, while the worker trains. */
  readonly frames: {
    readonly count: number;
    readonly aSecond: number;
    /** Part of them that came within 1.5 frames of a screen of 60 Hz. */
    readonly inTime: number;
    readonly longestMs: number;
  };
}

interface MemoryAt {
  readonly step: number;
  readonly page: number;
  readonly worker: number;
  readonly tensors: number | null;
  readonly tensorBytes: number | null;
}

/** Runs in the page before anything else: notes when messages and frames come. */
function watch(): void {
  const seen = { messages: [] as number[], frames: [] as number[], watching: false };
  Object.assign(globalThis, { seen });
  const Plain = globalThis.Worker;
  globalThis.Worker = class extends Plain {
    constructor(...given: ConstructorParameters<typeof Plain>) {
      super(...given);
      this.addEventListener('message', () => {
        if (seen.watching) seen.messages.push(performance.now());
      });
    }
  };
  let last = 0;
  const frame = (now: number): void => {
    if (seen.watching && last > 0) seen.frames.push(now - last);
    last = seen.watching ? now : 0;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

interface Seen {
  messages: number[];
  frames: number[];
  watching: boolean;
}

/** Trains on the processor with one thread, so that the page has a core of its own where there are two. */
export async function benchmarkLong(steps: number, report: Report): Promise<LongResult> {
  if (!existsSync('dist/index.html')) await build({ logLevel: 'warn' });
  const server = await preview({ preview: { port: 0, open: false }, logLevel: 'error' });
  const executablePath = findChromium();
  const browser = await chromium.launch({
    ...(executablePath === null ? {} : { executablePath }),
    // Memory is measured when it is asked for, and not at the next idle moment.
    args: [...chromiumArguments, '--enable-blink-features=ForceEagerMeasureMemory'],
  });
  try {
    const baseURL = server.resolvedUrls?.local[0];
    if (baseURL === undefined) throw new Error('The preview server has no address.');
    // The service worker would serve the worker's script as it is built.
    const page = await browser.newPage({ baseURL, serviceWorkers: 'block' });
    await page.addInitScript('globalThis.__name = (value) => value;');
    await page.addInitScript(watch);
    await page.route(/\/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch();
      const oneThread = "Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 1 });\n";
      await route.fulfill({ response, body: oneThread + (await response.text()) });
    });
    // It goes on while it is measured, and is not waited for.
    await openWithQuickRecipe(page, { pictures: 24, steps: 20 * steps }, 'tfjs-wasm');
    await goTo(page, 'Train');
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const memory: MemoryAt[] = [];
    let seconds = 0;
    for (const part of [0.1, 0.25, 0.5, 1]) {
      const from = Date.now();
      await watching(page, memory.length > 0);
      const step = await reached(page, Math.round(part * steps));
      await watching(page, false);
      if (memory.length > 0) seconds += (Date.now() - from) / 1000;
      memory.push({ step, ...(await memoryOf(page)) });
      report(JSON.stringify(memory.at(-1)));
    }
    const { messages, frames } = await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
    const inTime = frames.filter((ms) => ms <= 25).length / frames.length;
    return {
      steps,
      seconds,
      memory,
      messages: {
        count: messages.length,
        aSecond: messages.length / seconds,
        mostInASecond: mostWithin(messages, 1000),
      },
      frames: { count: frames.length, aSecond: frames.length / seconds, inTime, longestMs: Math.max(...frames) },
    };
  } finally {
    await browser.close();
    await server.close();
  }
}

function watching(page: Page, watches: boolean): Promise<void> {
  return page.evaluate((value) => {
    (globalThis as unknown as { seen: Seen }).seen.watching = value;
  }, watches);
}

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

/** Most of some ascending times that lie within as many milliseconds. */
function mostWithin(times: readonly number[], milliseconds: number): number {
  let [most, first] = [0, 0];
  times.forEach((time, index) => {
    while ((times[first] ?? time) <= time - milliseconds) first++;
    most = Math.max(most, index - first + 1);
  });
  return most;
}
