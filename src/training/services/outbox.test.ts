import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Outbox } from './outbox';
import type { WorkerMessage } from '../../protocol/protocol';
import type { TrainingEvent } from '../../protocol/training';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const phase = (detail: string): TrainingEvent => ({
  type: 'phase',
  runId: 'run',
  phase: 'evaluating',
  detail,
  fraction: null,
});

function setup() {
  const sent: WorkerMessage[] = [];
  const outbox = new Outbox(
    (message) => sent.push(message),
    () => Date.now(),
  );
  const details = () =>
    sent
      .flatMap((message) => (message.kind === 'events' ? message.events : []))
      .map((event) => 'detail' in event && event.detail);
  return { sent, outbox, details };
}

test('a thousand events a second make ten messages, and all arrive in order', () => {
  const { sent, outbox, details } = setup();
  const all = Array.from({ length: 2000 }, (_, i) => String(i));
  for (const detail of all) {
    outbox.event(phase(detail));
    vi.advanceTimersByTime(1);
  }
  vi.advanceTimersByTime(100);
  expect(sent.length).toBeLessThanOrEqual(21);
  expect(details()).toEqual(all);
});

test('a lone event goes at once, and a held one goes without another to push it', () => {
  const { outbox, details } = setup();
  outbox.event(phase('first'));
  expect(details()).toEqual(['first']);
  outbox.event(phase('second'));
  expect(details()).toEqual(['first']);
  vi.advanceTimersByTime(100);
  expect(details()).toEqual(['first', 'second']);
});

test('an answer does not overtake the events before it', () => {
  const { sent, outbox } = setup();
  outbox.event(phase('first'));
  outbox.event(phase('second'));
  outbox.answer({ kind: 'result', id: 1, value: null });
  expect(sent.map(({ kind }) => kind)).toEqual(['events', 'events', 'result']);
});
