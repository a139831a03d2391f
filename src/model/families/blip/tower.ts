import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ValueId } from '../../../engine/graph/value';
import { attention } from '../../../engine/ops/attention/node';
import { imageTokens } from '../../../engine/ops/image-tokens/node';
import { linear } from '../../../engine/ops/linear/node';
import { tokenMean } from '../../../engine/ops/token-mean/node';
import { hiddenInput, type Tower, type TowerOptions } from '../family';
import { dense, norm, picturePatches, single, stagesBetween } from '../transformer/block';
import type { BlipConfig } from './config';
import { imageTokenCount, stageShape, visionStages } from './stages';
import { visionBlockTensors, visionEmbeddingTensors, visionNormTensors } from './tensors';

/** Tokens in front of the patches of a picture. */
const classTokens = 1;

/**
 * Adds the image tower to a graph, as `BlipVisionModel` of Transformers computes it (Li et al. 2022, arXiv 2201.12086).
 *
 * @throws Error for another tower, or a reading that needs a shared space
 */
export function blipTower(builder: GraphBuilder, config: BlipConfig, tower: Tower, options: TowerOptions): ValueId {
  const { batch, from = 'embeddings', to = 'features', reading = 'tokens' } = options;
  if (tower !== 'vision') throw new Error('The text models of a BLIP are no tower: they attend to pictures.');
  if (reading === 'embedding') throw new Error('A BLIP that writes words has no features in a shared space.');
  const { layers, layerNormEpsilon, attentionDropout } = config.vision;
  const runs = stagesBetween(visionStages(config), tower, from, to);
  let x =
    from === 'embeddings'
      ? visionEmbeddings(builder, config, options)
      : builder.input(hiddenInput(tower), 'f32', stageShape(config, from, options));
  for (let layer = 0; layer < layers; layer++) {
    if (!runs(`blocks.${layer}`)) continue;
    x = visionBlock(builder, config, layer, x, batch, options.attentionDropout ?? attentionDropout);
  }
  if (runs('final_norm')) x = norm(builder, x, visionNormTensors(config), layerNormEpsilon);
  return reading === 'patch-mean' && from !== 'features' && to === 'features'
    ? tokenMean(builder, x, batch, classTokens)
    : x;
}

function visionEmbeddings(builder: GraphBuilder, config: BlipConfig, options: TowerOptions): ValueId {
  const { hiddenSize, patchSize: patch } = config.vision;
  const { classEmbedding, patches, positions } = visionEmbeddingTensors(config);
  const pixels = picturePatches(builder, config.vision, options);
  const weight = builder.parameter([hiddenSize, 3 * patch * patch], patches.weight);
  const embedded = linear(builder, pixels, weight, { bias: single(builder, patches.bias) });
  return imageTokens(
    builder,
    embedded,
    builder.parameter([hiddenSize], classEmbedding),
    builder.parameter([imageTokenCount(config), hiddenSize], positions),
    options.batch,
  );
}

/** Pre-norm block: `x + out(attention(norm1(x)))`, then `x + fc2(activation(fc1(norm2(x))))`. */
function visionBlock(
  builder: GraphBuilder,
  config: BlipConfig,
  layer: number,
  x: ValueId,
  batch: number,
  dropout: number,
): ValueId {
  const { heads, activation, layerNormEpsilon } = config.vision;
  const tensors = visionBlockTensors(config, layer);
  const qkv = dense(builder, norm(builder, x, tensors.norm1, layerNormEpsilon), tensors.qkv);
  const attended = attention(builder, qkv, { batch, heads, causal: false, dropout });
  const middle = dense(builder, attended, tensors.out, { residual: x });
  const normed = norm(builder, middle, tensors.norm2, layerNormEpsilon);
  return dense(builder, dense(builder, normed, tensors.fc1, { activation }), tensors.fc2, { residual: middle });
}
