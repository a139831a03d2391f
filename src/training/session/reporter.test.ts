import { expect, test } from 'vitest';
import type { TrainingEvent } from '../../protocol/training';
import { Reporter } from './reporter';
import { eventsOf, metricsOf, stepRow } from '../testing/fakes';

function setup() {
  const clock = { now: 0 };
  const events: TrainingEvent[] = [];
  const reporter = new Reporter(
    'run',
    (event) => events.push(event),
    () => clock.now,
  );
  return { clock, events, reporter };
}

test('at most ten events a second while training, and no step is lost', () => {
  const { clock, events, reporter } = setup();
  for (let step = 1; step <= 5000; step++) {
    clock.now += 2;
    reporter.phase('training', '', step / 5000);
    reporter.steps([stepRow(step)], null);
  }
  expect(events.length).toBeLessThanOrEqual(100);
  reporter.flush();
  expect(eventsOf(events, 'steps').flatMap(({ steps }) => steps)).toHaveLength(5000);
});

test('phases that take turns quickly are told four times a second, and the one that lasts is told', () => {
  const { clock, events, reporter } = setup();
  for (; clock.now < 5000; clock.now += 20) reporter.phase(clock.now % 40 === 0 ? 'training' : 'evaluating', '');
  expect(events.length).toBeLessThanOrEqual(20);
  for (; clock.now < 6000; clock.now += 20) reporter.phase('evaluating', '');
  expect(eventsOf(events, 'phase').at(-1)).toMatchObject({ phase: 'evaluating' });
  reporter.phase('paused', '');
  expect(eventsOf(events, 'phase').at(-1)).toMatchObject({ phase: 'paused' });
});

test('what comes after steps is seen after them, and a new phase at once', () => {
  const { events, reporter } = setup();
  reporter.phase('training', '');
  reporter.steps([stepRow(1)], null);
  reporter.steps([stepRow(2)], null);
  reporter.phase('finishing', '');
  reporter.steps([stepRow(3)], null);
  reporter.event({ type: 'baseline', runId: 'run', metrics: metricsOf(0.5) });
  expect(events.map(({ type }) => type)).toEqual(['phase', 'steps', 'steps', 'phase', 'steps', 'baseline']);
});
