import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TooltipProvider } from '../../components/Tooltip';
import { defaultRecipe } from '../../recipe/fields';
import { afterEvent, newLiveRun, type LiveRun } from '../../stores/liveRun';
import { metricsOf, stepRow } from '../../training/testing/fakes';
import { RunCharts } from './RunCharts';
import { curvesOfLive } from './runCurves';

/** What a run in progress costs its page: what is not news must not be drawn again. */

const runId = 'r';
let root: Root;
let page: HTMLElement;

beforeEach(() => {
  page = document.body.appendChild(document.createElement('div'));
  page.style.width = '900px';
  root = createRoot(page);
});
afterEach(() => {
  root.unmount();
  page.remove();
});

const stepped = (live: LiveRun, from: number, to: number): LiveRun => {
  const steps = Array.from({ length: to - from }, (_, index) => {
    const step = from + index + 1;
    return { ...stepRow(step), epoch: step / 30, loss: step === 700 ? 50 : 2 + Math.sin(step), seconds: step / 9 };
  });
  return afterEvent(live, { type: 'steps', runId, steps, secondsLeft: 100 - to / 90 });
};
const evaluated = (live: LiveRun, step: number): LiveRun =>
  afterEvent(live, {
    type: 'evaluation',
    runId,
    evaluation: { step, seconds: step / 9, metrics: metricsOf(0.5, 2), change: null },
    predictions: null,
    best: true,
  });

/** Shows the charts of a run, and waits until all that follows is drawn. */
async function show(live: LiveRun): Promise<void> {
  const charts = createElement(RunCharts, { curves: curvesOfLive(live) });
  flushSync(() => root.render(createElement(TooltipProvider, null, charts)));
  for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
}

/** What changes in the page while something is done. */
async function changes(work: () => Promise<void>): Promise<readonly MutationRecord[]> {
  const records: MutationRecord[] = [];
  const observer = new MutationObserver((more) => records.push(...more));
  observer.observe(page, { subtree: true, childList: true, attributes: true, characterData: true });
  await work();
  observer.disconnect();
  return records;
}

/** The title of the chart that a change is in. */
function chartOf({ target }: MutationRecord): string | null {
  const element = target instanceof Element ? target : target.parentElement;
  return element?.closest('figure')?.querySelector('h2')?.textContent ?? null;
}

it('draws only curves and numbers again when steps come, and few points however many there were', async () => {
  const plan = { totalSteps: 3_000, stepsPerEpoch: 30, batchSize: 8, evaluateEvery: 100, notes: [] };
  let live = afterEvent(newLiveRun({ runId, name: 'run', recipe: defaultRecipe, datasetId: 'd' }), {
    type: 'plan',
    runId,
    ...plan,
  });
  live = evaluated(stepped(live, 0, 1_000), 900);
  await show(live);
  await expect.poll(() => page.querySelectorAll('[data-curves] path').length).toBeGreaterThan(5);

  const records = await changes(async () => {
    for (let step = 1_000; step < 2_000; step += 50) await show((live = stepped(live, step, step + 50)));
  });
  const charts = new Set(records.map(chartOf));
  expect([...charts]).toContain('Training loss, batches of 8');
  expect([...charts].filter((title) => title === null || /^(Validation|Recall)/.test(title))).toEqual([]);
  for (const { type, target, attributeName } of records) {
    const drawn = target instanceof SVGPathElement && target.closest('[data-curves]') !== null && attributeName === 'd';
    const words = type === 'characterData' || attributeName === 'aria-label';
    expect(drawn || words, `${type} of ${attributeName} in ${target.nodeName}`).toBe(true);
  }
  for (const path of page.querySelectorAll('[data-curves] path')) {
    expect((path.getAttribute('d') ?? '').split(/[MLh]/).length).toBeLessThan(1_500);
  }
});
