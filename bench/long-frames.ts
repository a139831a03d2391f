import type { CDPSession, Page } from '@playwright/test';

/** Frames, messages and the main thread of a page, watched for a while. */

export interface FrameRates {
  readonly aSecond: number;
  /** Part of them that came within 1.5 frames of a screen of 60 Hz. */
  readonly inTime: number;
  readonly longestMs: number;
  /** Tasks of the main thread of more than 50 ms, a second. */
  readonly longTasks: number;
  /** Messages from worker to page: a second, and most within one. */
  readonly messages: number;
  readonly mostMessages: number;
  /** Milliseconds of CPU time in each second of the page's main thread: in all, and what is known of them. */
  readonly busy: Readonly<Record<BusyPart, number>>;
}

type BusyPart = 'task' | 'script' | 'layout' | 'style';

/** Names in the metrics of the DevTools protocol. */
const busyParts: Readonly<Record<BusyPart, string>> = {
  task: 'TaskDuration',
  script: 'ScriptDuration',
  layout: 'LayoutDuration',
  style: 'RecalcStyleDuration',
};

/** What a page has noted; times in milliseconds. */
interface Seen {
  /** When messages came. */
  readonly messages: number[];
  /** From one frame to the next. */
  readonly frames: number[];
  readonly longTasks: number[];
}

export interface Watched extends Seen {
  readonly seconds: number;
  readonly busy: Readonly<Record<BusyPart, number>>;
}

/** Runs in a page before anything else: gives it a function that notes when messages, frames and long tasks come. */
export function prepareWatching(): void {
  let seen: Seen | null = null;
  const Plain = globalThis.Worker;
  globalThis.Worker = class extends Plain {
    constructor(...given: ConstructorParameters<typeof Plain>) {
      super(...given);
      this.addEventListener('message', () => seen?.messages.push(performance.now()));
    }
  };
  new PerformanceObserver((list) => {
    seen?.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' });
  const watch = (ms: number): Promise<Seen> =>
    new Promise((resolve) => {
      const noted: Seen = { messages: [], frames: [], longTasks: [] };
      let last = 0;
      const frame = (now: number): void => {
        if (seen !== noted) return;
        if (last > 0) noted.frames.push(now - last);
        last = now;
        requestAnimationFrame(frame);
      };
      seen = noted;
      requestAnimationFrame(frame);
      setTimeout(() => {
        seen = null;
        resolve(noted);
      }, ms);
    });
  Object.assign(globalThis, { watch });
}

/** A page that can be watched. */
export interface Subject {
  readonly page: Page;
  readonly devtools: CDPSession;
}

export async function subject(page: Page): Promise<Subject> {
  const devtools = await page.context().newCDPSession(page);
  // Time on a core and not on the clock, which other programs share.
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' });
  return { page, devtools };
}

/** Watches a page in front of all others. */
export async function watch({ page, devtools }: Subject, seconds: number): Promise<Watched> {
  await page.bringToFront();
  // What the change of tabs costs is none of its business.
  await page.waitForTimeout(500);
  const before = await busyTimes(devtools);
  const seen = await page.evaluate(
    (ms) => (globalThis as unknown as { watch: (ms: number) => Promise<Seen> }).watch(ms),
    1000 * seconds,
  );
  const after = await busyTimes(devtools);
  return { ...seen, seconds, busy: forBusy((part) => after[part] - before[part]) };
}

/** Rates over all times that a page was watched. */
export function ratesOf(times: readonly Watched[]): FrameRates {
  const all = <Value>(part: (watched: Watched) => readonly Value[]): Value[] => times.flatMap(part);
  const sum = (part: (watched: Watched) => number): number => times.reduce((total, each) => total + part(each), 0);
  const seconds = sum((each) => each.seconds);
  const frames = all((each) => each.frames);
  return {
    aSecond: (1000 * frames.length) / frames.reduce((total, ms) => total + ms, 0),
    inTime: frames.filter((ms) => ms <= 25).length / frames.length,
    longestMs: Math.max(...frames),
    longTasks: all((each) => each.longTasks).length / seconds,
    messages: all((each) => each.messages).length / seconds,
    mostMessages: Math.max(...times.map(({ messages }) => mostWithin(messages, 1000))),
    busy: forBusy((part) => (1000 * sum(({ busy }) => busy[part])) / seconds),
  };
}

async function busyTimes(devtools: CDPSession): Promise<Record<BusyPart, number>> {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return forBusy((part) => metrics.find(({ name }) => name === busyParts[part])?.value ?? NaN);
}

function forBusy(value: (part: BusyPart) => number): Record<BusyPart, number> {
  return { task: value('task'), script: value('script'), layout: value('layout'), style: value('style') };
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
