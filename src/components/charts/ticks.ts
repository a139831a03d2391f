import type { RunAxis } from './axis';

/** Range and ticks of an axis. */
export interface AxisScale {
  readonly domain: readonly [min: number, max: number];
  readonly ticks: readonly number[];
}

/** Smallest of 1, 2, 2.5 and 5 times a power of ten that is not below `rough` (positive). */
function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  // The margin keeps 0.1 + 0.2 style rounding from pushing an exact step to the next.
  const step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * (1 - 1e-9)) ?? 10;
  return step * power;
}

/**
 * Ticks at round numbers over a range, with a domain that ends on them.
 *
 * @param count about how many intervals
 * @param zero `always`: the axis starts at 0; `near`: where the lowest value is below 40 % of the highest
 */
export function linearScale(min: number, max: number, count: number, zero: 'always' | 'near'): AxisScale {
  let low = zero === 'always' || (min >= 0 && min < 0.4 * max) ? Math.min(0, min) : min;
  let high = max;
  // Values that differ by rounding alone count as one: steps that small would get lost in the numbers they are added to.
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low <= 1e-9 * size) {
    const half = size === 0 ? 0.5 : size * 0.05;
    low = zero === 'always' ? low : low - half;
    high += half;
  }
  const step = niceStep((high - low) / count);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks: number[] = [];
  for (let index = first; index <= last; index++) ticks.push(Number((index * step).toPrecision(12)));
  return { domain: [ticks[0] as number, ticks[ticks.length - 1] as number], ticks };
}

/** Ticks of a logarithmic axis over a positive range: powers of ten, with 2 and 5 between them where there are few. */
export function logScale(min: number, max: number): AxisScale {
  const decades = Math.log10(max / min);
  const factors = decades <= 0.7 ? [1, 1.5, 2, 3, 4, 5, 6, 8] : decades <= 2.5 ? [1, 2, 5] : [1];
  const every = decades > 6 ? Math.ceil(decades / 6) : 1;
  const marks: number[] = [];
  for (let power = Math.floor(Math.log10(min)) - every; power <= Math.ceil(Math.log10(max)) + every; power++) {
    if (power % every !== 0) continue;
    for (const factor of factors) marks.push(Number((factor * 10 ** power).toPrecision(12)));
  }
  let from = 0;
  while (from + 1 < marks.length && (marks[from + 1] as number) <= min * (1 + 1e-9)) from++;
  let to = marks.length - 1;
  while (to - 1 > from && (marks[to - 1] as number) >= max * (1 - 1e-9)) to--;
  const ticks = marks.slice(from, to + 1);
  return { domain: [ticks[0] as number, ticks[ticks.length - 1] as number], ticks };
}

/** Intervals that read well on a clock, in seconds or minutes. */
const clockSteps = [1, 2, 5, 10, 15, 20, 30];

/** Smallest interval along a run that reads well and is not below `rough` (positive): whole steps, seconds, minutes and hours. */
function runStep(axis: RunAxis, rough: number): number {
  if (axis === 'time') {
    const unit = rough <= 30 ? 1 : 60;
    return clockSteps.map((step) => step * unit).find((step) => step >= rough) ?? Math.ceil(rough / 3600) * 3600;
  }
  const power = 10 ** Math.floor(Math.log10(rough));
  const steps = [1, 1.5, 2, 2.5, 3, 4, 5, 10].map((factor) => factor * power);
  const readsWell = (step: number): boolean => step >= rough * (1 - 1e-9) && (axis === 'epoch' || step % 1 === 0);
  return steps.find(readsWell) ?? 1;
}

/**
 * Ticks of the axis along the run, from 0 to `max`, where the run and the domain end. The end is always a tick; a round one too near to it is
 * left out.
 *
 * @param count most intervals
 */
export function runScale(max: number, count: number, axis: RunAxis): AxisScale {
  if (!(max > 0)) return { domain: [0, 1], ticks: [] };
  const step = runStep(axis, max / count);
  const ticks: number[] = [];
  for (let index = 0; index === 0 || index * step < 0.86 * max; index++) {
    ticks.push(Number((index * step).toPrecision(12)));
  }
  return { domain: [0, max], ticks: [...ticks, max] };
}
