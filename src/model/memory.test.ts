import { beforeAll, describe, expect, test } from 'vitest';
import type { Executor, TrainerOptions } from '../engine/executor';
import { differentiate } from '../engine/graph/differentiate';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { parseClipConfig } from './clip/config';
import { clipParameters, clipTrainingGraph, LOSS_OUTPUT } from './clip/graph';
import { clipLayerGroups, tensorNames, trainableValues } from './clip/groups';
import { clipFixture, trainingInputs } from './clip/testing/parity';
import { estimateTrainingMemory, type MemoryPlan } from './memory';

const config = parseClipConfig({ model_type: 'clip' });
const groups = clipLayerGroups(config).map(({ id }) => id);
const full: MemoryPlan = {
  batch: 32,
  trainableGroups: new Set(groups),
  optimizer: { type: 'adamw' },
  cachedImages: false,
  cachedTexts: false,
};

describe('memory estimate of ViT-B/32', () => {
  test('weights, gradients and moments of a full fine-tune', () => {
    const estimate = estimateTrainingMemory(config, full);
    expect(estimate.weights).toBe(4 * 151_277_313);
    expect(estimate.gradients).toBe(estimate.weights);
    expect(estimate.moments).toBe(2 * estimate.weights);
    expect(estimate.inputs).toBeGreaterThan(32 * 224 * 224 * 3);
    const { weights, gradients, moments, activations, inputs } = estimate;
    expect(estimate.total).toBe(weights + gradients + moments + activations + inputs);
  });

  test('activations grow with the batch alone', () => {
    const one = estimateTrainingMemory(config, full);
    const two = estimateTrainingMemory(config, { ...full, batch: 64 });
    expect(two.activations / one.activations).toBeCloseTo(2, 2);
    expect(two.moments).toBe(one.moments);
  });

  test('frozen layers cost no gradient and no moment, and keep no activation', () => {
    const trainableGroups = new Set(['vision.projection', 'text.projection', 'logit_scale']);
    const estimate = estimateTrainingMemory(config, { ...full, trainableGroups });
    expect(estimate.gradients).toBe(4 * (768 * 512 + 512 * 512 + 1));
    expect(estimate.activations).toBeLessThan(estimateTrainingMemory(config, full).activations / 10);
    const cached = estimateTrainingMemory(config, { ...full, trainableGroups, cachedImages: true, cachedTexts: true });
    expect(cached.activations).toBeLessThan(1e6);
  });

  test('momentum decides the moments of SGD', () => {
    const sgd = (momentum: number) =>
      estimateTrainingMemory(config, { ...full, optimizer: { type: 'sgd', momentum } }).moments;
    expect(sgd(0)).toBe(0);
    expect(sgd(0.9)).toBe(4 * 151_277_313);
  });
});

describe('memory estimate against a run', () => {
  let executor: Executor;
  beforeAll(async () => {
    executor = await createTfjsExecutor('tfjs-wasm', { wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/' });
  });

  test('the executor holds what was foretold', async () => {
    const { config: tiny, weights, normalization, pixels, ids, batch, tokens } = clipFixture('quick-gelu');
    const all = new Set(clipLayerGroups(tiny).map(({ id }) => id));
    const options: TrainerOptions = {
      optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 },
      weightDecay: 0,
      noDecay: new Set(),
      maxGradNorm: 1,
      clamp: {},
    };
    const graph = clipTrainingGraph(tiny, { batch, tokens, normalization });
    const trainable = trainableValues(graph, tensorNames(tiny, all));
    const program = differentiate(graph, graph.outputs[LOSS_OUTPUT] ?? -1, trainable);
    const store = await executor.createStore(clipParameters(tiny), weights);
    const trainer = await executor.compileTraining(program, store, options);
    const keys = Int32Array.from({ length: batch }, (_, index) => index);
    await trainer.step(trainingInputs(tiny, pixels, ids, tokens, keys, keys), { step: 1, learningRate: 1e-3, seed: 1 });
    const estimate = estimateTrainingMemory(tiny, { ...full, batch, tokens, trainableGroups: all });
    const { weights: held, moments, peak } = executor.memory();
    expect(held).toBe(estimate.weights);
    expect(moments).toBe(estimate.moments);
    expect(peak / estimate.total).toBeGreaterThan(0.8);
    expect(peak / estimate.total).toBeLessThan(1.6);
    await trainer.readings(true);
    trainer.dispose();
    store.dispose();
  });
});
