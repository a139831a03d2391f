import { expect, test } from 'vitest';
import type { StepMetrics, TrainingEvent } from './protocol';
import { Reporter } from './reporter';
import { eventsOf, metricsOf } from './testing/fakes';

const row = (step: number): StepMetrics => ({
  step,
  epoch: 0,
  loss: 1,
  gradNorm: 1,
  learningRate: 1,
  logitScale: 1,
  imagesPerSecond: 1,
  seconds: step,
});

test('at most ten messages a second, and no step is lost', () => {
  let now = 0;
  const events: TrainingEvent[] = [];
  const reporter = new Reporter(
    'run',
    (event) => events.push(event),
    () => now,
  );
  for (let step = 1; step <= 5000; step++) {
    now += 2;
    reporter.phase('training', '', step / 5000);
    reporter.steps([row(step)], null);
  }
  expect(events.length).toBeLessThanOrEqual(100);
  reporter.flush();
  expect(eventsOf(events, 'steps').flatMap(({ steps }) => steps)).toHaveLength(5000);
});

test('phases that take turns quickly are told four times a second, and the one that lasts is told', () => {
  let now = 0;
  const events: TrainingEvent[] = [];
  const reporter = new Reporter(
    'run',
    (event) => events.push(event),
    () => now,
  );
  for (; now < 5000; now += 20) reporter.phase(now % 40 === 0 ? 'training' : 'evaluating', '');
  expect(events.length).toBeLessThanOrEqual(20);
  for (; now < 6000; now += 20) reporter.phase('evaluating', '');
  expect(eventsOf(events, 'phase').at(-1)).toMatchObject({ phase: 'evaluating' });
  reporter.phase('paused', '');
  expect(eventsOf(events, 'phase').at(-1)).toMatchObject({ phase: 'paused' });
});

test('what comes after steps is seen after them, and a new phase at once', () => {
  const events: TrainingEvent[] = [];
  const reporter = new Reporter(
    'run',
    (event) => events.push(event),
    () => 0,
  );
  reporter.phase('training', '');
  reporter.steps([row(1)], null);
  reporter.steps([row(2)], null);
  reporter.phase('finishing', '');
  reporter.steps([row(3)], null);
  reporter.event({ type: 'baseline', runId: 'run', metrics: metricsOf(0.5) });
  expect(events.map(({ type }) => type)).toEqual(['phase', 'steps', 'steps', 'phase', 'steps', 'baseline']);
});
