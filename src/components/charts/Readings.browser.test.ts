import { createElement } from 'react';
import { flushSync } from 'react-dom';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { TooltipProvider } from '../Tooltip';
import { SharedHover } from './hover';
import { LineChartCard } from './LineChartCard';
import type { ChartSeries } from './series';

let root: Root;
let page: HTMLElement;

beforeEach(() => {
  page = document.body.appendChild(document.createElement('div'));
  page.style.width = '330px';
  root = createRoot(page);
});
afterEach(() => {
  root.unmount();
  page.remove();
});

const x = [1, 2, 3, 4];
const curveOf = (place: number): ChartSeries => ({
  id: String(place),
  label: `run ${place}`,
  role: 'tuned',
  line: { color: `var(--run-${(place % 6) + 1})`, dash: place < 6 ? null : '7 4' },
  x,
  // The last value stands far off, which smoothing softens.
  y: x.map((step) => (step === 4 ? 1000 : place)),
  noisy: true,
});

async function show(runs: number): Promise<readonly string[]> {
  const card = createElement(LineChartCard, {
    title: 'A training loss with a title that is long',
    series: Array.from({ length: runs }, (_, place) => curveOf(place)),
    view: { axis: 'step', smoothing: 0.9, log: false, end: 4, kept: null, marks: [] },
    format: (value: number) => ({ value: value.toFixed(1), unit: '' }),
  });
  flushSync(() => root.render(createElement(TooltipProvider, null, createElement(SharedHover, null, card))));
  await new Promise(requestAnimationFrame);
  return [...page.querySelectorAll('figcaption [title^="run "]')].map((value) => value.textContent);
}

it.each([2, 5, 12])('the values of %i runs stay within their chart, all smoothed as their curves are', async (runs) => {
  const values = await show(runs);
  expect(values).toHaveLength(runs);
  for (const value of values) expect(Number(value)).toBeLessThan(600);
  const [card, head] = [page.querySelector('figure'), page.querySelector('figcaption')];
  expect(card?.scrollWidth).toBeLessThanOrEqual(card?.clientWidth ?? 0);
  const title = page.querySelector('h2')?.getBoundingClientRect();
  for (const value of head?.querySelectorAll('[title^="run "]') ?? []) {
    const box = value.getBoundingClientRect();
    expect(box.left >= (title?.right ?? 0) || box.top >= (title?.bottom ?? 0)).toBe(true);
  }
});
