import { expect, test } from 'vitest';
import { Recorder } from './recorder';
import { MemoryStorage, metricsOf, recipeOf, runOf, stepRow } from '../testing/fakes';

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

/** Weights as a device would give them, and how often they were asked for. */
function weights(w: number) {
  const asked: number[] = [];
  return {
    asked,
    names: ['w'],
    async *read() {
      asked.push(w);
      yield ['w', await Promise.resolve(Float32Array.of(w))] as const;
    },
  };
}

async function heldTensors({ unstored }: Recorder) {
  const tensors = [];
  for await (const tensor of unstored?.delta.read() ?? []) tensors.push(tensor);
  return tensors;
}

const evaluated = (step: number) => ({ step, seconds: step, metrics: metricsOf(step / 10), change: null });

test('an evaluation and the weights that it was of are stored in one, and until then neither is', async () => {
  const { storage, recorder } = setup();
  await recorder.baseline(metricsOf(0.1));
  expect(storage.records.at(-1)).toMatchObject({ bestStep: 0, weightsStep: 0, tensors: [] });
  const begun = storage.records.length;
  await recorder.evaluation(evaluated(4), [], 4, weights(4));
  expect(storage.saved).toEqual([{ step: 4, w: 4 }]);
  const written = storage.records.slice(begun);
  expect(written).toHaveLength(1);
  expect(written[0]).toMatchObject({ bestStep: 4, weightsStep: 4, tensors: ['w'], evaluations: [{ step: 4 }] });
  await recorder.evaluation(evaluated(8), [], 4, null);
  expect(storage.records.at(-1)).toMatchObject({
    bestStep: 4,
    weightsStep: 4,
    evaluations: [{ step: 4 }, { step: 8 }],
  });
});

test('weights are stored each time they become best, however soon after the last', async () => {
  const { storage, recorder } = setup();
  for (const step of [1, 2, 3]) await recorder.evaluation(evaluated(step), [], step, weights(step));
  expect(storage.saved.map(({ step }) => step)).toEqual([1, 2, 3]);
});

test('with a full disk the best weights stay in memory, and what is stored speaks of those that are stored', async () => {
  const { storage, recorder } = setup();
  await recorder.evaluation(evaluated(1), [], 1, weights(1));
  storage.quota = true;
  await recorder.evaluation(evaluated(2), [], 2, weights(2));
  expect(recorder.full).toBe(true);
  expect(recorder.unstored).toMatchObject({ of: { bestStep: 2, weightsStep: 2, tensors: ['w'] } });
  expect(await heldTensors(recorder)).toEqual([['w', Float32Array.of(2)]]);
  await recorder.evaluation(evaluated(3), [], 2, null);
  expect(storage.records.at(-1)).toMatchObject({
    bestStep: 1,
    weightsStep: 1,
    evaluations: [{ step: 1 }, { step: 2 }, { step: 3 }],
  });
});

test('a full disk is tried again at the end alone', async () => {
  const { storage, clock, recorder } = setup();
  storage.quota = true;
  await recorder.weights(1, weights(1), 1);
  storage.quota = false;
  clock.now += 60_000;
  await recorder.weights(2, weights(2), 2);
  expect(storage.saved).toEqual([]);
  expect(await heldTensors(recorder)).toEqual([['w', Float32Array.of(2)]]);
  expect(recorder.record.weightsStep).toBeNull();
  await recorder.settle();
  expect(storage.saved).toEqual([{ step: 2, w: 2 }]);
  expect(recorder.unstored).toBeNull();
  expect(recorder.record).toMatchObject({ bestStep: 2, weightsStep: 2, tensors: ['w'] });
});

test('what was in which split is written down once, at the beginning', async () => {
  const { storage, recorder } = setup();
  const data = { train: ['a'], validation: ['b'], test: [] };
  await recorder.begin(data);
  expect(storage.data).toEqual(data);
  expect(storage.records).toHaveLength(1);
});
