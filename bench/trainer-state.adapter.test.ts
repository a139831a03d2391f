import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TrainerOptions } from '../src/engine/executor';
import { differentiate } from '../src/engine/graph/differentiate';
import { checkContinuation, optionsOf, type Subject } from '../src/engine/testing/trainer-state';
import { STATE_ENTRIES } from '../src/engine/trainer-state';
import type { WebGpuExecutor } from '../src/engine/webgpu/executor';
import { clipTrainingGraph, LOSS_OUTPUT } from '../src/model/clip/graph';
import { clipFixture, trainingInputs } from '../src/model/clip/testing/parity';
import { halfPrecisionExecutor } from './adapter-executor';

/** Compiling kernels for a software adapter takes its time. */
const patience = 600_000;

const { config, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const graph = clipTrainingGraph(config, { batch, tokens, normalization });
const all = new Set(graph.parameters.map(({ value }) => value));
const subject: Subject = {
  program: differentiate(graph, graph.outputs[LOSS_OUTPUT] ?? -1, all),
  weights,
  inputs: (step) => {
    const keys = Int32Array.from({ length: batch }, (_, index) => (step === 2 && index === 0 ? -1 : index));
    return trainingInputs(config, pixels, ids, tokens, keys, keys);
  },
};
const mixed: TrainerOptions = {
  ...optionsOf({ type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 }),
  precision: 'mixed',
};

describe('the state of a trainer in mixed precision', () => {
  let executor: WebGpuExecutor | string;

  beforeAll(async () => {
    executor = await halfPrecisionExecutor();
  });

  afterAll(() => {
    if (typeof executor !== 'string') executor.dispose();
  });

  /** So large that the first steps overflow, whether an adapter rounds what f16 cannot hold to infinity or to its largest number. */
  const scaleTooLarge = (state: Map<string, Float32Array>): void =>
    void state.set(STATE_ENTRIES.lossScale, Float32Array.of(2 ** 126)).set(STATE_ENTRIES.goodSteps, Float32Array.of(7));

  test('continues bit by bit', { timeout: patience }, async ({ skip }) => {
    if (typeof executor === 'string') return skip(executor);
    await checkContinuation(executor, mixed, subject);
    await checkContinuation(executor, mixed, subject, scaleTooLarge);
  });

  test(
    'counts no step that overflows, and takes the next with the bias corrections of the first',
    { timeout: patience },
    async ({ skip }) => {
      if (typeof executor === 'string') return skip(executor);
      const learningRate = 1e-3;
      const { program, inputs } = subject;
      const train = async (steps: number, change: (state: Map<string, Float32Array>) => void) => {
        if (typeof executor === 'string') throw new Error(executor);
        const store = await executor.createStore(graph.parameters, weights);
        const trainer = await executor.compileTraining(program, store, mixed);
        const state = await trainer.readState();
        change(state);
        await trainer.writeState(state);
        for (let step = 1; step <= steps; step++) await trainer.step(inputs(1), { step, learningRate, seed: 1 });
        const end = {
          readings: await trainer.readings(true),
          weights: await store.read(),
          state: await trainer.readState(),
        };
        trainer.dispose();
        store.dispose();
        return end;
      };
      const long = await train(200, scaleTooLarge);
      const overflows = long.readings.findIndex(({ overflowed }) => overflowed !== true);
      expect(overflows).toBeGreaterThan(0);
      expect(long.state.get(STATE_ENTRIES.steps)?.[0]).toBeLessThanOrEqual(200 - overflows);
      const troubled = await train(overflows + 2, scaleTooLarge);
      const scale = 2 ** (126 - overflows);
      const plain = await train(2, (state) => state.set(STATE_ENTRIES.lossScale, Float32Array.of(scale)));
      expect(troubled.weights).toEqual(plain.weights);
      expect(troubled.state).toEqual(plain.state);
      expect(plain.state.get(STATE_ENTRIES.steps)).toEqual(Float32Array.of(2));
    },
  );
});
