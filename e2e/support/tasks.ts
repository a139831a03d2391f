import type { Browser, Page } from '@playwright/test';
import { z } from 'zod';

/** An event of Chromium's tracing, times in microseconds. */
const traceSchema = z.object({
  traceEvents: z.array(
    z.object({
      name: z.string(),
      ph: z.string(),
      pid: z.number(),
      tid: z.number(),
      ts: z.number(),
      dur: z.number().optional(),
      /** Processor time of the thread within the event; left out where it was none. */
      tdur: z.number().optional(),
    }),
  ),
});

const [begin, end] = ['tasks: begin', 'tasks: end'];

/**
 * What tasks of the page's thread cost while `work` is done, in milliseconds of processor time, the costliest first. On a machine that does other
 * things as well a task waits for its turn and seems long on the clock; its processor time tells how long it holds up the page by itself.
 */
export async function taskCosts(browser: Browser, page: Page, work: () => Promise<void>): Promise<readonly number[]> {
  const mark = (name: string): Promise<void> => page.evaluate((label) => void performance.mark(label), name);
  await browser.startTracing(page, { categories: ['toplevel', 'blink.user_timing'] });
  await mark(begin);
  await work();
  await mark(end);
  const { traceEvents } = traceSchema.parse(JSON.parse((await browser.stopTracing()).toString()));
  const from = traceEvents.find(({ name }) => name === begin);
  const to = traceEvents.find(({ name }) => name === end);
  if (from === undefined || to === undefined) throw new Error('The trace lacks the marks of the page.');
  return traceEvents
    .filter(({ name, ph, pid, tid }) => name.endsWith('RunTask') && ph === 'X' && pid === from.pid && tid === from.tid)
    .filter(({ ts, dur = 0 }) => ts + dur > from.ts && ts < to.ts)
    .map(({ tdur = 0 }) => tdur / 1000)
    .sort((a, b) => b - a);
}
