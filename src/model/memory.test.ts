// @module-tag slow

import { describe, expect, test } from 'vitest';
import type { TrainerOptions } from '../engine/executor';
import { differentiate } from '../engine/graph/differentiate';
import { elementCount } from '../engine/graph/value';
import { createTfjsExecutor } from '../engine/tfjs/executor';
import { defaultChoice } from '../engine/kernel-names';
import { WebGpuExecutor } from '../engine/webgpu/executor';
import { countingDevice } from '../engine/webgpu/testing/counting-device';
import { trainingInputs } from './families/testing/parity';
import { estimateTrainingMemory as estimateWith, type MemoryEstimate, type MemoryPlan } from './memory';
import {
  modelParameters,
  modelTensors,
  tensorNames,
  trainableValues,
  firstTrainableStage,
  towerGraph,
} from './architecture';
import { openArchitecture } from './families';
import type { Architecture, Stage, Tower } from './families/family';
import { lossOutput, pairGraph } from './pair-graph';
import type { PixelNormalization } from '../engine/ops/patchify/node';

const adamw: TrainerOptions = {
  optimizer: { type: 'adamw', beta1: 0.9, beta2: 0.98, epsilon: 1e-6 },
  weightDecay: 0,
  groups: [],
  maxGradNorm: 1,
};
const config = openArchitecture({ model_type: 'clip' });
const groups = config.groups.map(({ id }) => id);
const towersOf = (cached: boolean) => (['vision', 'text'] as const).map((tower) => ({ tower, cached }));
const full: MemoryPlan = {
  batch: 32,
  kind: 'webgpu',
  trainableGroups: new Set(groups),
  optimizer: { type: 'adamw' },
  towers: towersOf(false),
};

/** The estimate for the contrastive task. */
function estimateTrainingMemory(architecture: Architecture, plan: MemoryPlan): MemoryEstimate {
  return estimateWith(architecture, plan, {
    training: ({ from, ...options }) =>
      pairGraph(architecture, { ...options, imageFrom: from.vision, textFrom: from.text }),
  });
}

describe('memory estimate of ViT-B/32', () => {
  test('weights, gradients and moments of a full fine-tune', () => {
    const estimate = estimateTrainingMemory(config, full);
    expect(estimate.weights).toBe(4 * 151_277_313);
    expect(estimate.gradients).toBe(estimate.weights);
    expect(estimate.moments).toBe(2 * estimate.weights);
    expect(estimate.inputs).toBeGreaterThan(32 * 224 * 224 * 3);
    const drawn = estimateTrainingMemory(config, { ...full, squareSide: 280 });
    expect(drawn.inputs - estimate.inputs).toBe(32 * (3 * (280 ** 2 - 224 ** 2) + 4 * 8));
    expect(drawn.activations).toBe(estimate.activations);
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
    const cached = estimateTrainingMemory(config, { ...full, trainableGroups, towers: towersOf(true) });
    expect(cached.activations).toBeLessThan(1e6);
  });

  test('momentum decides the moments of SGD', () => {
    const sgd = (momentum: number) =>
      estimateTrainingMemory(config, { ...full, optimizer: { type: 'sgd', momentum } }).moments;
    expect(sgd(0)).toBe(0);
    expect(sgd(0.9)).toBe(4 * 151_277_313);
  });
  test('kept outputs are counted apart, and not where disk has to hold them', () => {
    const trainableGroups = new Set(['vision.projection', 'text.projection']);
    const estimate = (budget: number) =>
      estimateTrainingMemory(config, { ...full, trainableGroups, cache: { images: [100, 10], texts: 200, budget } });
    const [texts, images, others] = [4 * 200 * 512, 4 * 100 * 768, 4 * 10 * 768];
    expect(estimate(1e9).cache).toBe(texts + images + others);
    expect(estimate(texts + images).cache).toBe(texts + images);
    expect(estimate(texts + images - 1).cache).toBe(texts + others);
    expect(estimate(0).cache).toBe(0);
    expect(estimate(0).total).toBe(estimate(1e9).total);
  });

  test('kept pictures are counted apart, up to what may be kept', () => {
    const pictures = (budget: number): MemoryPlan => ({
      ...full,
      squareSide: 280,
      pictures: { plain: { count: 10, budget }, squares: { count: 100, budget } },
    });
    const [plain, squares] = [3 * 10 * 224 ** 2, 3 * 100 * 280 ** 2];
    const estimate = estimateTrainingMemory(config, pictures(1e9));
    expect(estimate.pictures).toBe(plain + squares);
    expect(estimateTrainingMemory(config, pictures(squares - 1)).pictures).toBe(plain + squares - 1);
    expect(estimate.total).toBe(estimateTrainingMemory(config, { ...full, squareSide: 280 }).total);
    expect(estimate.tab).toBe(plain + squares);
    for (const kind of ['tfjs-wasm', 'tfjs-cpu'] as const) {
      const { tab, total, pictures: held } = estimateTrainingMemory(config, { ...pictures(1e9), kind });
      expect(tab).toBe(total + held);
    }
  });
});

/** Ids of the groups that are trained: two blocks are the last of each tower, with what lies above. */
function groupsOf(clip: Architecture, train: 'all' | 'two blocks' | 'projections'): ReadonlySet<string> {
  const above = (tower: Tower): readonly string[] => {
    const stages = clip.stages(tower).slice(0, -1);
    const count = train === 'all' ? stages.length : train === 'two blocks' ? 4 : 1;
    return stages.slice(-count).map((stage) => `${tower}.${stage}`);
  };
  return new Set([...above('vision'), ...above('text'), 'logit_scale']);
}

/** Every way to compute a step, over what may be trained. */
const ways = (['all', 'two blocks', 'projections'] as const).flatMap((train) =>
  [1, 4].flatMap((microBatches) =>
    [false, true].flatMap((checkpointing) =>
      (train === 'all' ? [false] : [false, true]).map((cached) => ({ train, microBatches, checkpointing, cached })),
    ),
  ),
);

const block = { hidden_size: 192, intermediate_size: 768, num_hidden_layers: 4, num_attention_heads: 3 };
const small = openArchitecture({
  model_type: 'clip',
  projection_dim: 128,
  text_config: { ...block, vocab_size: 4096, max_position_embeddings: 24 },
  vision_config: { ...block, image_size: 64, patch_size: 8 },
});

describe.each([
  ['a small CLIP', small, 32],
  ['ViT-B/32', config, 16],
])('memory estimate of %s against what the WebGPU executor allocates', (_, clip, samples) => {
  const weights = new Map(modelTensors(clip).map(({ name, shape }) => [name, new Float32Array(elementCount(shape))]));

  test.each(ways.flatMap((way) => (['float32', 'mixed'] as const).map((precision) => ({ ...way, precision }))))(
    '$train in $microBatches parts, checkpointing $checkpointing, cached $cached, $precision',
    async ({ train, microBatches, checkpointing, cached, precision }) => {
      const engine = countingDevice();
      const executor = new WebGpuExecutor(engine, defaultChoice(engine), null);
      const trained = groupsOf(clip, train);
      const rows = 32;
      const batch = samples / microBatches;
      const estimate = estimateTrainingMemory(clip, {
        batch,
        microBatches,
        checkpointing,
        precision,
        kind: 'webgpu',
        trainableGroups: trained,
        optimizer: { type: 'adamw' },
        towers: towersOf(cached),
        evaluationRows: rows,
      });
      const normalization: PixelNormalization = { mean: [0, 0, 0], std: [1, 1, 1] };
      const tokens = clip.text.maxTokens;
      const store = await executor.createStore(modelParameters(clip), weights);
      for (const tower of ['vision', 'text'] as const) {
        const lowest = firstTrainableStage(clip, tower, trained);
        const passes: (readonly [Stage, Stage])[] =
          lowest === 'embeddings'
            ? [['embeddings', 'features']]
            : [
                ['embeddings', lowest],
                [lowest, 'features'],
              ];
        for (const [from, to] of passes) {
          await executor.compile(towerGraph(clip, tower, { batch: rows, tokens, normalization, from, to }), store);
        }
      }
      const lowest = (tower: Tower): Stage => (cached ? firstTrainableStage(clip, tower, trained) : 'embeddings');
      const graph = pairGraph(clip, {
        batch,
        tokens,
        normalization,
        imageFrom: lowest('vision'),
        textFrom: lowest('text'),
      });
      const trainable = trainableValues(graph, tensorNames(clip, trained));
      const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainable);
      await executor.compileTraining(program, store, { ...adamw, checkpointing, microBatches, precision });
      const { peak, activations } = executor.memory();
      expect(estimate.total / peak).toBeGreaterThan(0.88);
      expect(estimate.total / peak).toBeLessThan(1.12);
      expect(estimate.activations / activations).toBeGreaterThan(0.8);
      expect(estimate.activations / activations).toBeLessThan(1.25);
    },
  );
});

describe('memory estimate against a run on WASM', () => {
  test.each([1, 4].flatMap((microBatches) => [false, true].map((checkpointing) => ({ microBatches, checkpointing }))))(
    'in $microBatches parts, checkpointing $checkpointing',
    async (way) => {
      const executor = await createTfjsExecutor('tfjs-wasm', {
        wasmPaths: 'node_modules/@tensorflow/tfjs-backend-wasm/dist/',
      });
      const samples = 16;
      const batch = samples / way.microBatches;
      const tokens = small.text.maxTokens;
      const all = groupsOf(small, 'all');
      const graph = pairGraph(small, {
        batch,
        tokens,
        normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
      });
      const trainable = trainableValues(graph, tensorNames(small, all));
      const program = differentiate(graph, graph.outputs[lossOutput] ?? -1, trainable);
      const weights = modelTensors(small).map(
        ({ name, shape }) => [name, new Float32Array(elementCount(shape)).fill(0.01)] as const,
      );
      const store = await executor.createStore(modelParameters(small), new Map(weights));
      const trainer = await executor.compileTraining(program, store, { ...adamw, ...way });
      const keys = Int32Array.from({ length: samples }, (_, index) => index);
      const pixels = new Uint8Array(3 * samples * small.image.side ** 2);
      const ids = new Int32Array(samples * tokens).fill(3);
      await trainer.step(trainingInputs(small, pixels, ids, tokens, keys, keys), { step: 1, learningRate: 0, seed: 1 });
      const estimate = estimateTrainingMemory(small, {
        ...full,
        ...way,
        kind: 'tfjs-wasm',
        batch,
        tokens,
        trainableGroups: all,
      });
      const { weights: held, moments, peak } = executor.memory();
      expect(held).toBe(estimate.weights);
      expect(moments).toBe(estimate.moments);
      expect(Math.abs(estimate.total / peak - 1)).toBeLessThan(0.15);
      await trainer.readings(true);
      trainer.dispose();
      store.dispose();
    },
  );
});
