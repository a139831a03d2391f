import type { EngineDevice } from '../../src/engine/device';
import { adapterClass } from '../../src/engine/adapter-class';
import { attentionCases } from './attention';
import { contrastiveLossCases } from './contrastive-loss';
import { elementwiseCases } from './elementwise';
import { gradientNormCase } from './gradient-norm';
import { halfPrecisionCases } from './half-precision';
import { imageTokensCases } from './image-tokens';
import type { KernelCase } from './kernel-case';
import { layerNormCases } from './layer-norm';
import { linearCases } from './linear';
import { normalizeCases } from './normalize';
import { optimizerCases } from './optimizer';
import { parameterPools } from './parameter-pools';
import { partialSumsCase } from './partial-sums';
import { patchCases } from './patches';
import { poolCases } from './pool';
import { tokenEmbeddingCases } from './token-embedding';
import type { ClipConfig } from '../../src/model/families/clip/config';
import { imageTokenCount } from '../../src/model/families/clip/stages';

/**
 * The kernels of training steps of this model, at its shapes and in the variants that this adapter might use: all that a full fine-tune
 * runs, and the few that only parts of a model need.
 */
export function kernelCases(engine: EngineDevice, config: ClipConfig, batch: number): readonly KernelCase[] {
  const target = { cooperative: adapterClass(engine.adapter) !== 'software' };
  const towers = [
    { ...config.vision, tokens: imageTokenCount(config), causal: false },
    { ...config.text, tokens: config.text.maxPositions, causal: true },
  ];
  const features = config.projectionSize;
  const pools = parameterPools(config, engine.device);
  return [
    ...patchCases(engine, config, batch),
    ...imageTokensCases(config, batch),
    ...tokenEmbeddingCases(config, batch),
    ...towers.flatMap((tower) => {
      const { hiddenSize, intermediateSize, heads, tokens, causal } = tower;
      const rows = batch * tokens;
      return [
        ...linearCases(engine, tower, rows),
        ...attentionCases(engine, { batch, tokens, heads, headSize: hiddenSize / heads }, causal),
        ...layerNormCases({ rows, columns: hiddenSize }, target),
        ...halfPrecisionCases(engine, tower, batch, tokens, causal),
        ...elementwiseCases(rows, hiddenSize, intermediateSize),
      ];
    }),
    ...poolCases(config, batch),
    ...normalizeCases({ rows: batch, columns: features }, target),
    ...contrastiveLossCases({ batch, width: features }, target),
    partialSumsCase(config, batch, target),
    gradientNormCase(pools, target),
    ...pools.flatMap(optimizerCases),
  ];
}
