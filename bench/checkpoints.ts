import type { Browser, Page } from '@playwright/test';
import { runEventsChannel } from '../src/stores/liveRun';
import { inBuiltStudio, patience, readyToTrain, type Subject } from './built-studio';
import type { Report } from './harness';

/**
 * What checkpoints cost a run, in the built studio, in Chromium. Training stands still for a checkpoint, and its steps may be slower while the browser still
 * writes: both count.
 */

/** Long enough for any time that is asked for, with the only evaluation at the end. */
const endless = { steps: 100_000, evaluateEvery: 100_000, batchSize: 16 };

export const checkpointSubjects = {
  blocks: { preset: 'Last blocks', ...endless },
  whole: { preset: 'Everything', ...endless },
} satisfies Readonly<Record<string, Subject>>;
export type CheckpointSubject = keyof typeof checkpointSubjects;

export interface CheckpointOptions {
  readonly subjects: readonly CheckpointSubject[];
  readonly backend: 'webgpu' | 'tfjs-wasm';
  /** After which each run is stopped. */
  readonly seconds: number;
}

export interface CheckpointCosts {
  readonly subject: CheckpointSubject;
  readonly backend: string;
  /** Seconds from the first step to the last, and how many there were. */
  readonly seconds: number;
  readonly steps: number;
  /** Seconds of a step on average, those right after checkpoints left out. */
  readonly step: number;
  /** Bytes of one checkpoint. */
  readonly bytes: number;
  /** Those that the run made by itself: at which second, for how many seconds training stood still, and how many the steps of a moment lost in all. */
  readonly checkpoints: readonly { readonly at: number; readonly seconds: number; readonly lost: number }[];
  /** Seconds of the one at the end, from which a run can be prolonged. */
  readonly end: number | null;
  /** Longest time between two steps, in seconds. */
  readonly longest: number;
  /** Of the run's time: what training stood still for, and what its steps lost in all. */
  readonly share: number;
  readonly lostShare: number;
}

/** So many steps are at most ahead of what is written down of them. */
const lag = 5;
/** Seconds after a checkpoint in which a slower step is put down to it. */
const moment = 3;

/** Each run in a profile of its own. */
export function benchmarkCheckpoints(
  { subjects, backend, seconds }: CheckpointOptions,
  report: Report,
): Promise<readonly CheckpointCosts[]> {
  return inBuiltStudio(async (browser, baseURL) => {
    const results: CheckpointCosts[] = [];
    for (const subject of subjects) {
      results.push(await measured(browser, baseURL, subject, backend, seconds));
      report(JSON.stringify(results.at(-1)));
    }
    return results;
  });
}

async function measured(
  browser: Browser,
  baseURL: string,
  subject: CheckpointSubject,
  backend: CheckpointOptions['backend'],
  seconds: number,
): Promise<CheckpointCosts> {
  const context = await browser.newContext({ baseURL });
  await context.addInitScript('globalThis.__name = (value) => value;');
  try {
    const page = await context.newPage();
    await readyToTrain(page, backend, checkpointSubjects[subject]);
    await listen(page);
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    await page
      .getByRole('region', { name: 'Progress' })
      .getByText(/^[1-9][\d,]* of [\d,]+ steps/)
      .waitFor({ timeout: patience });
    await page.waitForTimeout(1000 * seconds);
    await page.getByRole('button', { name: /^Stop/ }).click();
    await page.getByRole('button', { name: 'New run' }).waitFor({ timeout: patience });
    return { subject, backend, ...costsOf(await noted(page)) };
  } finally {
    await context.close();
  }
}

/** What a run has written down, as far as it is needed here. */
interface Noted {
  readonly events: readonly { readonly step: number; readonly seconds: number; readonly problem: string | null }[];
  readonly rows: readonly { readonly step: number; readonly seconds: number }[];
  readonly bytes: number;
}

/** Notes the checkpoints of the run, as any other tab would hear of them. */
async function listen(page: Page): Promise<void> {
  await page.evaluate((name) => {
    const events: unknown[] = [];
    Object.assign(globalThis, { checkpointEvents: events });
    new BroadcastChannel(name).onmessage = ({ data }: MessageEvent<{ type?: string }>) => {
      if (data.type === 'checkpoint') events.push(data);
    };
  }, runEventsChannel);
}

function noted(page: Page): Promise<Noted> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB failed.'));
      });
    const db = await done(indexedDB.open('vernier'));
    const all = (store: string) => done(db.transaction(store).objectStore(store).getAll() as IDBRequest<unknown[]>);
    const rows = (await all('runMetrics')).flat() as Noted['rows'];
    const [newest] = (await all('checkpoints')) as { readonly tensors: readonly { readonly length: number }[] }[];
    db.close();
    const { checkpointEvents } = globalThis as unknown as { checkpointEvents: Noted['events'] };
    const bytes = 4 * (newest?.tensors ?? []).reduce((sum, { length }) => sum + length, 0);
    return { events: checkpointEvents, rows, bytes };
  });
}

const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

function costsOf({ events, rows, bytes }: Noted): Omit<CheckpointCosts, 'subject' | 'backend'> {
  const problem = events.find((event) => event.problem !== null)?.problem;
  if (problem !== undefined) throw new Error(problem ?? '');
  const [first, last] = [rows[0], rows.at(-1)];
  if (first === undefined || last === undefined || rows.length < 20) throw new Error('The run has too few steps.');
  const gaps = rows.slice(1).map(({ seconds }, index) => seconds - (rows[index]?.seconds ?? 0));
  const seconds = last.seconds - first.seconds;
  const own = events.filter((event) => event.step < last.step);
  // Steps are written down a few steps late, and all at once at a checkpoint: a moment begins a few steps before it.
  const moments = own.map((event) => {
    const from = Math.max(0, rows.findIndex((row) => row.step === event.step) - lag);
    const began = rows[from]?.seconds ?? 0;
    const steps = rows.slice(from + 1).filter((row) => row.seconds <= began + event.seconds + moment);
    return { at: began, seconds: event.seconds, took: (steps.at(-1)?.seconds ?? began) - began, steps: steps.length };
  });
  // Whatever else slows a machine down, it does to all steps alike.
  const usual =
    (seconds - total(moments.map(({ took }) => took))) / (gaps.length - total(moments.map(({ steps }) => steps)));
  const checkpoints = moments.map(({ at, seconds, took, steps }) => ({ at, seconds, lost: took - usual * steps }));
  return {
    seconds,
    steps: rows.length,
    step: usual,
    bytes,
    checkpoints,
    end: events.find((event) => event.step === last.step)?.seconds ?? null,
    longest: Math.max(...gaps),
    share: total(checkpoints.map((each) => each.seconds)) / seconds,
    lostShare: total(checkpoints.map(({ lost }) => lost)) / seconds,
  };
}

/** A table for people. */
export function checkpointTable(results: readonly CheckpointCosts[]): string {
  const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;
  const rows = results.map(
    ({ subject, backend, seconds, steps, step, bytes, checkpoints, end, longest, ...shares }) => [
      subject,
      backend,
      seconds.toFixed(0),
      String(steps),
      (1000 * step).toFixed(0),
      (bytes / 1e6).toFixed(1),
      String(checkpoints.length),
      checkpoints.map((each) => (1000 * each.seconds).toFixed(0)).join(', '),
      percent(shares.share),
      percent(shares.lostShare),
      (1000 * longest).toFixed(0),
      end === null ? '–' : (1000 * end).toFixed(0),
    ],
  );
  const head = [
    'run',
    'backend',
    's',
    'steps',
    'ms a step',
    'MB',
    'checkpoints',
    'ms each',
    'share',
    'share of steps',
    'longest ms',
    'at the end ms',
  ];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
