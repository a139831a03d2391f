import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StepReading, TrainerOptions } from '../src/engine/executor';
import { differentiate } from '../src/engine/graph/differentiate';
import { checkContinuation, optionsOf, type Subject } from '../src/engine/testing/trainer-state';
import { stateEntries } from '../src/engine/trainer-state';
import type { WebGpuExecutor } from '../src/engine/webgpu/executor';
import { clipFixture } from '../src/model/families/clip/testing/fixtures';
import { trainingInputs } from '../src/model/families/testing/parity';
import { halfPrecisionExecutor } from './adapter-executor';
import { lossOutput, pairGraph } from '../src/model/pair-graph';

/** Compiling kernels for a software adapter takes its time. */
const patience = 600_000;

const { architecture, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const graph = pairGraph(architecture, { batch, tokens, normalization });
const all = new Set(graph.parameters.map(({ value }) => value));
const subject: Subject = {
  program: differentiate(graph, graph.outputs[lossOutput] ?? -1, all),
  weights,
  inputs: (step) => {
    const keys = Int32Array.from({ length: batch }, (_, index) => (step === 2 && index === 0 ? -1 : index));
    return trainingInputs(architecture, pixels, ids, tokens, keys, keys);
  },
};
const mixed: TrainerOptions = {
  ...optionsOf({ type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 }),
  precision: 'mixed',
};

describe('the state of a trainer in mixed precision', () => {
  let executor: WebGpuExecutor | string;
  /** The largest power of two at which no gradient of the first step overflows. */
  let largest = NaN;

  beforeAll(async () => {
    executor = await halfPrecisionExecutor();
    if (typeof executor === 'string') return;
    // Adapters differ in what they make of numbers that f16 cannot hold, so the scale is found by what they do.
    const { readings } = await train(executor, 126, 2 ** 126);
    const overflows = readings.findIndex(({ overflowed }) => overflowed !== true);
    expect(overflows).toBeGreaterThan(2);
    largest = 2 ** (126 - overflows);
  }, patience);

  afterAll(() => {
    if (typeof executor !== 'string') executor.dispose();
  });

  test('continues bit by bit', { timeout: patience }, async ({ skip }) => {
    if (typeof executor === 'string') return skip(executor);
    await checkContinuation(executor, mixed, subject);
    await checkContinuation(executor, mixed, subject, scaled(4 * largest));
  });

  test(
    'counts no step that overflows, and takes the next with the bias corrections of the first',
    { timeout: patience },
    async ({ skip }) => {
      if (typeof executor === 'string') return skip(executor);
      const troubled = await train(executor, 4, 4 * largest);
      expect(troubled.readings.map(({ overflowed }) => overflowed === true)).toEqual([true, true, false, false]);
      const plain = await train(executor, 2, largest);
      expect(troubled.weights).toEqual(plain.weights);
      expect(troubled.state).toEqual(plain.state);
      expect(plain.state.get(stateEntries.steps)).toEqual(Float32Array.of(2));
    },
  );
});

/** Begins with a loss scale that is not the usual one. */
function scaled(scale: number) {
  return (state: Map<string, Float32Array>): void => void state.set(stateEntries.lossScale, Float32Array.of(scale));
}

/** Steps on one batch from the fixture's weights. */
async function train(executor: WebGpuExecutor, steps: number, scale: number) {
  const store = await executor.createStore(graph.parameters, weights);
  const trainer = await executor.compileTraining(subject.program, store, mixed);
  const state = await trainer.snapshot();
  scaled(scale)(state);
  await trainer.restore(state);
  const readings: StepReading[] = [];
  for (let step = 1; step <= steps; step++) {
    await trainer.step(subject.inputs(1), { step, learningRate: 1e-3, seed: 1 });
    readings.push(...(await trainer.readings(false)));
  }
  readings.push(...(await trainer.readings(true)));
  const end = { readings, weights: await store.read(), state: await trainer.snapshot() };
  trainer.dispose();
  store.dispose();
  return end;
}
