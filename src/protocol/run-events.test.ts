import { expect, test } from 'vitest';
import { eventText } from './run-event-words';
import { isTrouble, peakRate, runEventSchema, type RunEvent } from './run-events';

const at = 0;
const all: readonly RunEvent[] = [
  { kind: 'rate', step: 4, at, from: 1e-5, to: 2.5e-6 },
  { kind: 'length', step: 4, at, from: 1000, to: 1 },
  { kind: 'skipped', step: 4, at, reason: 'not-finite' },
  { kind: 'rolled-back', step: 4, at, since: 9, reason: 'norm', from: 3e-5, to: 1e-5 },
  { kind: 'micro-batches', step: 4, at, from: 1, to: 2 },
  { kind: 'branched', step: 4, at, run: 'amber-otter' },
  { kind: 'went-on', step: 4, at },
  { kind: 'went-on', step: 0, at },
  { kind: 'checkpoint-damaged', step: 4, at, newest: 1200 },
  { kind: 'other-device', step: 4, at, from: 'google swiftshader', to: 'CPU (WebAssembly)' },
  { kind: 'other-device', step: 4, at, from: 'nvidia ampere', to: 'nvidia ampere' },
];

test('each is told in a sentence', () => {
  expect(all.map(eventText)).toEqual([
    'Learning rate changed from 1e-5 to 2.5e-6.',
    'Length changed from 1,000 steps to 1 step.',
    'The loss or its gradients were no finite numbers, so the step was left out.',
    'The gradient norm exploded in several steps up to step 9, so the run went back to step 4, and the learning rate from 3e-5 to 1e-5.',
    'Memory did not suffice. Batches are computed in 2 parts instead of whole, with the same result.',
    'Began as a copy of amber-otter.',
    'Went on from here.',
    'Began once more.',
    'The checkpoint of step 1,200 was damaged, so the run went on from the one before it.',
    'Went on with CPU (WebAssembly) instead of google swiftshader. From here on numbers may differ in their last digits from those of an uninterrupted run.',
    'Went on with nvidia ampere, which the browser or its driver runs otherwise than before. From here on numbers may differ in their last digits from those of an uninterrupted run.',
  ]);
});

test('each survives storage', () => {
  for (const event of all) expect(runEventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event);
});

test('the rate of now is that of the newest change', () => {
  expect(peakRate(0.5, [])).toBe(0.5);
  expect(peakRate(0.5, all)).toBe(1e-5);
});

test('what the user did not ask for is trouble', () => {
  expect(new Set(all.filter((event) => !isTrouble(event)).map(({ kind }) => kind))).toEqual(
    new Set(['rate', 'length', 'branched', 'went-on']),
  );
});
