import type { EngineDevice } from '../../src/engine/device';
import { adapterClass } from '../../src/engine/adapter-class';
import { operationCases } from '../../src/engine/ops/bench';
import type { BenchStep, KernelCase } from '../../src/engine/ops/bench-case';
import type { ClipConfig } from '../../src/model/families/clip/config';
import { clipArchitecture } from '../../src/model/families/clip/family';
import { imageTokenCount } from '../../src/model/families/clip/stages';
import { usualNormalization, randomBatch } from '../models';
import { elementwiseCase } from './elementwise';
import { gradientNormCase } from './gradient-norm';
import { halfPrecisionCases } from './half-precision';
import { optimizerCases } from './optimizer';
import { parameterPools } from './parameter-pools';
import { partialSumsCase } from './partial-sums';

/**
 * The kernels of training steps of this model, at its shapes and in the variants that this adapter might use: all that a full fine-tune
 * runs, and those that only parts of a model, or other tasks, need.
 */
export function kernelCases(engine: EngineDevice, config: ClipConfig, batch: number): readonly KernelCase[] {
  const step = benchStep(engine, config, batch);
  const pools = parameterPools(config, engine.device);
  return [
    ...Object.values(operationCases).flatMap((cases) => cases(step)),
    ...step.towers.flatMap((tower) => [
      ...halfPrecisionCases(engine, tower, batch),
      elementwiseCase(batch * tower.tokens, tower.hiddenSize),
    ]),
    partialSumsCase(config, batch, step.target),
    gradientNormCase(pools, step.target),
    ...pools.flatMap(optimizerCases),
  ];
}

function benchStep(engine: EngineDevice, config: ClipConfig, batch: number): BenchStep {
  const { vision, text } = config;
  const { ids, ends } = randomBatch(config, batch, 2);
  return {
    engine,
    target: { cooperative: adapterClass(engine.adapter) !== 'software' },
    batch,
    towers: [
      { ...vision, tokens: imageTokenCount(config), causal: false },
      { ...text, tokens: text.maxPositions, causal: true },
    ],
    image: {
      width: vision.hiddenSize,
      pixels: clipArchitecture(config).image.pixels,
      patch: vision.patchSize,
      normalization: usualNormalization,
    },
    text: {
      width: text.hiddenSize,
      tokens: text.maxPositions,
      vocabulary: text.vocabularySize,
      ids: Int32Array.from(ids),
      ends: Int32Array.from(ends),
    },
    features: config.projectionSize,
  };
}
