import { describe, expect, it } from 'vitest';
import type { StepMetrics } from '../protocol/training';
import { MetricColumns } from './metricColumns';

const row = (step: number, loss = 1 / step): StepMetrics => ({
  step,
  epoch: step / 10,
  loss,
  gradNorm: 1,
  learningRate: 1e-4,
  extra: { logitScale: 14 },
  imagesPerSecond: 100,
  seconds: step * 0.5,
});
const rows = (from: number, to: number): StepMetrics[] =>
  Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

describe('MetricColumns', () => {
  it('keeps the whole run', () => {
    let columns = MetricColumns.empty;
    for (let step = 1; step <= 20_000; step += 7) columns = columns.append(rows(step, Math.min(20_000, step + 6)));
    expect(columns.length).toBe(20_000);
    const steps = columns.column('step');
    for (let index = 0; index < steps.length; index++) expect(steps[index]).toBe(index + 1);
    expect(columns.column('loss')[4_999]).toBe(1 / 5_000);
    expect(columns.last('seconds')).toBe(10_000);
  });

  it('leaves older views as they were', () => {
    const first = MetricColumns.of(rows(1, 3));
    const second = first.append(rows(4, 5));
    expect([...first.column('step')]).toEqual([1, 2, 3]);
    expect([...second.column('step')]).toEqual([1, 2, 3, 4, 5]);
  });

  it('two continuations of one view do not overwrite each other', () => {
    const trunk = MetricColumns.of(rows(1, 3));
    const left = trunk.append([row(4, 40)]);
    const right = trunk.append([row(4, 50)]);
    expect(left.column('loss')[3]).toBe(40);
    expect(right.column('loss')[3]).toBe(50);
  });

  it('goes on from a checkpoint without doubling steps', () => {
    const whole = MetricColumns.of(rows(1, 10));
    const resumed = whole.append([row(7, 70), row(8, 80)]);
    expect([...resumed.column('step')]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(resumed.last('loss')).toBe(80);
    expect(whole.column('loss')[6]).toBe(1 / 7);
  });

  it('has no newest value before the first step', () => {
    expect(MetricColumns.empty.last('loss')).toBeNull();
    expect(MetricColumns.empty.append([])).toBe(MetricColumns.empty);
  });
});
