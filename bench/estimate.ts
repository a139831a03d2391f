import type { Browser, Page } from '@playwright/test';
import { inBuiltStudio, readyToTrain, type Subject } from './built-studio';
import type { Report } from './harness';

/** The time that the studio expects a run to take, beside what it takes: in the built studio, in Chromium, as a user sees both. */

export const estimateSubjects = {
  heads: { preset: 'Quick, without a GPU', batchSize: 16, steps: 400, evaluateEvery: 20 },
  blocks: { preset: 'Last blocks', batchSize: 16, steps: 60, evaluateEvery: 6 },
  whole: { preset: 'Everything', batchSize: 16, steps: 40, evaluateEvery: 4 },
  captions: {
    task: 'Write captions',
    preset: 'Quick, without a GPU',
    model: 'Use Seed BLIP',
    batchSize: 8,
    steps: 60,
    evaluateEvery: 20,
  },
} satisfies Readonly<Record<string, Subject>>;
export type EstimateSubject = keyof typeof estimateSubjects;

export interface EstimateResult {
  readonly subject: EstimateSubject;
  /** Seconds: what was shown before the run (the middle of a range), and from the click on Train to the end of the run. */
  readonly estimated: number;
  readonly actual: number;
  /** Estimated by actual. */
  readonly ratio: number;
  /** The same of what the page said was left, when a quarter, a half and three quarters of the steps were done; null where it said nothing. */
  readonly left: readonly (number | null)[];
  /** What the estimate is made of, as shown. */
  readonly parts: string;
}

export interface EstimateOptions {
  readonly subjects: readonly EstimateSubject[];
  readonly backend: 'webgpu' | 'tfjs-wasm';
  /** Of each, by turns. */
  readonly runs: number;
}

/** Each run in a profile of its own, so that nothing is known from the one before. */
export function benchmarkEstimates(
  { subjects, backend, runs }: EstimateOptions,
  report: Report,
): Promise<readonly EstimateResult[]> {
  return inBuiltStudio(async (browser, baseURL) => {
    const results: EstimateResult[] = [];
    for (let run = 0; run < runs; run++) {
      for (const subject of subjects) {
        results.push(await measured(browser, baseURL, subject, backend));
        report(JSON.stringify(results.at(-1)));
      }
    }
    return results;
  });
}

async function measured(
  browser: Browser,
  baseURL: string,
  name: EstimateSubject,
  backend: EstimateOptions['backend'],
): Promise<EstimateResult> {
  const context = await browser.newContext({ baseURL });
  try {
    const page = await context.newPage();
    await readyToTrain(page, backend, estimateSubjects[name]);
    const takes = page.getByText(/^Takes /);
    const shown = /^Takes (?:about )?(.*?),/.exec(await takes.innerText())?.[1] ?? '';
    const bounds = shown.split(' to ').map(secondsIn);
    const estimated = bounds.reduce((sum, bound) => sum + bound, 0) / bounds.length;
    const parts = (await takes.getAttribute('title')) ?? '';
    const began = Date.now();
    await page.getByRole('button', { name: 'Train', exact: true }).click();
    const left = await watched(page, estimateSubjects[name].steps);
    const seconds = (Date.now() - began) / 1000;
    const rest = left.map((at) => at && at.said / (seconds - (at.when - began) / 1000));
    return { subject: name, estimated, actual: seconds, ratio: estimated / seconds, left: rest, parts };
  } finally {
    await context.close();
  }
}

/** Waits for the end of a run, and notes what the page says is left at a quarter, a half and three quarters of it. */
async function watched(page: Page, steps: number): Promise<({ said: number; when: number } | null)[]> {
  const end = page.getByRole('button', { name: 'New run' });
  const progress = page.getByRole('region', { name: 'Progress' });
  const noted: ({ said: number; when: number } | null)[] = [];
  while (!(await end.isVisible())) {
    const text = await progress.innerText({ timeout: 1000 }).catch(() => '');
    const [, step = ''] = /([\d,]+) of [\d,]+ steps/.exec(text) ?? [];
    if (noted.length < 3 && Number(step.replaceAll(',', '')) >= (steps * (noted.length + 1)) / 4) {
      const [, said] = /(?<!at most )\b((?:\d+ (?:h|min|s) ?)+)\s*left/.exec(text) ?? [];
      noted.push(said === undefined ? null : { said: secondsIn(said), when: Date.now() });
    }
    await page.waitForTimeout(100);
  }
  return noted;
}

/** Seconds of a text such as `2 min 10 s`. */
function secondsIn(text: string): number {
  const units = { h: 3600, min: 60, s: 1 } as const;
  return [...text.matchAll(/([\d.]+) (h|min|s)\b/g)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * units[unit as keyof typeof units],
    0,
  );
}

/** A table for people. */
export function estimateTable(results: readonly EstimateResult[]): string {
  const rows = results.map(({ subject, estimated, actual, ratio, left }) => [
    subject,
    estimated.toFixed(0),
    actual.toFixed(1),
    ratio.toFixed(2),
    ...left.map((at) => (at === null ? '–' : at.toFixed(2))),
  ]);
  const head = ['run', 'estimated s', 'actual s', 'ratio', 'left at 1/4', 'at 1/2', 'at 3/4'];
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
