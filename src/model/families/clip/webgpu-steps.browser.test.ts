import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acquireDevice } from '../../../engine/device';
import type { ParameterStore, StepReading, TrainerOptions } from '../../../engine/executor';
import { differentiate } from '../../../engine/graph/differentiate';
import { createWebGpuExecutor, WebGpuExecutor } from '../../../engine/webgpu/executor';
import { countingDevice } from '../../../engine/webgpu/testing/counting-device';
import { clipFixture } from './testing/fixtures';
import { trainingInputs } from '../testing/parity';
import { modelParameters, tensorNames, trainableValues } from '../../architecture';
import { lossOutput, pairGraph } from '../../pair-graph';

const { architecture, normalization, weights, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
const everything = new Set(architecture.groups.map(({ id }) => id));

const adamw: TrainerOptions = {
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 },
  weightDecay: 0.1,
  groups: [],
  maxGradNorm: 1,
};

/** Padding in the last place and a picture that occurs twice: keys reach across micro-batches. */
const inputs = () =>
  trainingInputs(architecture, pixels, ids, tokens, Int32Array.of(0, 1, 2, 3, 1, -1), Int32Array.of(0, 1, 2, 3, 4, 5));

describe('training steps on the WebGPU executor', () => {
  let executor: WebGpuExecutor;
  let store: ParameterStore;

  beforeAll(async () => {
    executor = await createWebGpuExecutor(await acquireDevice(), { selfTest: false });
    store = await executor.createStore(modelParameters(architecture), weights);
  });

  afterAll(() => executor.dispose());

  const programOf = (rows: number, attentionDropout: number) => {
    const graph = pairGraph(architecture, { batch: rows, tokens, normalization, attentionDropout });
    const trainable = trainableValues(graph, tensorNames(architecture, everything));
    return differentiate(graph, graph.outputs[lossOutput] ?? -1, trainable);
  };

  const compile = (options: Partial<TrainerOptions>, attentionDropout = 0) =>
    executor.compileTraining(programOf(batch / (options.microBatches ?? 1), attentionDropout), store, {
      ...adamw,
      ...options,
    });

  /** Weights, moments and readings after three steps from the fixture's weights. */
  const threeSteps = async (options: Partial<TrainerOptions>, attentionDropout: number) => {
    await store.write(weights);
    const trainer = await compile(options, attentionDropout);
    for (const step of [1, 2, 3]) await trainer.step(inputs(), { step, learningRate: 1e-3, seed: 40 + step });
    const readings: readonly StepReading[] = await trainer.readings(true);
    const after = { readings, weights: await store.read(), state: await trainer.snapshot() };
    trainer.dispose();
    await store.write(weights);
    return after;
  };

  test('the same steps twice give the same bits, with dropout too, and so do steps that compute activations again', async () => {
    const first = await threeSteps({}, 0.2);
    expect(first.weights).not.toEqual(weights);
    expect(await threeSteps({}, 0.2)).toEqual(first);
    expect(await threeSteps({ checkpointing: true }, 0.2)).toEqual(first);
  });

  test('readings tell the logit scale that each loss was computed with', async () => {
    const { readings } = await threeSteps({}, 0);
    const before = Math.exp(weights.get('logit_scale')?.[0] ?? NaN);
    expect(readings[0]?.logitScale).toBeCloseTo(before, 3);
    expect(readings[2]?.logitScale).not.toBe(readings[0]?.logitScale);
  });

  test('the same steps in micro-batches twice give the same bits', async () => {
    const first = await threeSteps({ microBatches: 3 }, 0);
    expect(await threeSteps({ microBatches: 3 }, 0)).toEqual(first);
  });

  test.each([{}, { microBatches: 3, checkpointing: true }])(
    'steps after the first allocate nothing: %o',
    async (options) => {
      const trainer = await compile(options);
      const step = async (number: number): Promise<void> => {
        await trainer.step(inputs(), { step: number, learningRate: 1e-3, seed: number });
        await trainer.readings(false);
      };
      await step(1);
      const before = { made: executor.allocations, held: executor.memory() };
      for (let number = 2; number <= 6; number++) await step(number);
      expect(await trainer.readings(true)).not.toEqual([]);
      expect({ made: executor.allocations, held: executor.memory() }).toEqual(before);
      trainer.dispose();
      await store.write(weights);
    },
  );

  test('micro-batches have the loss and gradients of one batch', async () => {
    const gradients = async (options: Partial<TrainerOptions>) => {
      const trainer = await compile(options);
      const result = await trainer.gradients(inputs(), 7);
      trainer.dispose();
      return result;
    };
    const whole = await gradients({});
    for (const checkpointing of [false, true]) {
      const parts = await gradients({ microBatches: 3, checkpointing });
      expect(parts.loss).toBeCloseTo(whole.loss, 5);
      expect([...parts.gradients.keys()]).toEqual([...whole.gradients.keys()]);
      for (const [name, values] of whole.gradients) {
        values.forEach((value, at) => expect(parts.gradients.get(name)?.[at], name).toBeCloseTo(value, 5));
      }
    }
  });

  test('what is allocated is what is counted without a device, which estimates are held against', async () => {
    const counting = countingDevice(executor.engine.adapter);
    const counter = new WebGpuExecutor(counting, executor.context.choice, null);
    const counted = await counter.createStore(modelParameters(architecture), weights);
    const program = programOf(batch, 0);
    const trainer = await executor.compileTraining(program, store, adamw);
    await counter.compileTraining(program, counted, adamw);
    expect({ ...counter.memory(), peak: 0 }).toEqual({ ...executor.memory(), peak: 0 });
    trainer.dispose();
  });
});
