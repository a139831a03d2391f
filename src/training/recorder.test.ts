import { expect, test } from 'vitest';
import { Recorder } from './recorder';
import { MemoryStorage, recipeOf, runOf, stepRow } from './testing/fakes';

function setup() {
  const storage = new MemoryStorage();
  const clock = { now: 0 };
  return { storage, clock, recorder: new Recorder(runOf(recipeOf()), () => clock.now, storage) };
}

test('rows are written every two seconds, in chunks that stay bounded, and none is lost', async () => {
  const { storage, clock, recorder } = setup();
  for (let step = 1; step <= 2345; step++) {
    clock.now += 10;
    await recorder.steps([stepRow(step)]);
  }
  await recorder.flush();
  expect(storage.steps).toEqual(Array.from({ length: 2345 }, (_, i) => i + 1));
  expect(Math.max(...[...storage.rows.values()].map((rows) => rows.length))).toBeLessThanOrEqual(500);
  expect(storage.records.length).toBeLessThan(20);
  expect(recorder.record).toMatchObject({ stepsDone: 2345, seconds: 2345 });
});

test('a bundle larger than a chunk is cut', async () => {
  const { storage, recorder } = setup();
  await recorder.steps(Array.from({ length: 1200 }, (_, i) => stepRow(i + 1)));
  await recorder.flush();
  await recorder.steps([stepRow(1201)]);
  await recorder.flush();
  expect(storage.steps).toHaveLength(1201);
  expect(storage.rows.size).toBe(3);
});

test('weights are stored now and then, and what is held at the end is stored by settling', async () => {
  const { storage, clock, recorder } = setup();
  const weights = (w: number) => new Map([['w', Float32Array.of(w)]]);
  await recorder.weights(1, weights(1), false);
  clock.now += 1000;
  await recorder.weights(2, weights(2), false);
  expect(storage.saved.map(({ step }) => step)).toEqual([1]);
  expect(recorder.unstored?.get('w')).toEqual(Float32Array.of(2));
  await recorder.settle();
  expect(storage.saved).toEqual([
    { step: 1, w: 1 },
    { step: 2, w: 2 },
  ]);
  expect(recorder.unstored).toBeNull();
  expect(recorder.record).toMatchObject({ weightsStep: 2, tensors: ['w'] });
});

test('with a full disk the last weights stay in memory, and are tried again at the end alone', async () => {
  const { storage, clock, recorder } = setup();
  const weights = (w: number) => new Map([['w', Float32Array.of(w)]]);
  storage.quota = true;
  await recorder.weights(1, weights(1), true);
  expect(recorder.full).toBe(true);
  storage.quota = false;
  clock.now += 60_000;
  await recorder.weights(2, weights(2), false);
  expect(storage.saved).toEqual([]);
  expect(recorder.unstored?.get('w')).toEqual(Float32Array.of(2));
  expect(recorder.record.weightsStep).toBeNull();
  await recorder.settle();
  expect(storage.saved).toEqual([{ step: 2, w: 2 }]);
  expect(recorder.unstored).toBeNull();
});
