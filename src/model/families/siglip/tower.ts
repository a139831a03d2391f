import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ValueId } from '../../../engine/graph/value';
import { crossAttention } from '../../../engine/ops/attention/node';
import { imageTokens } from '../../../engine/ops/image-tokens/node';
import { linear } from '../../../engine/ops/linear/node';
import { normalize } from '../../../engine/ops/normalize/node';
import { pool } from '../../../engine/ops/pool/node';
import { tokenEmbedding } from '../../../engine/ops/token-embedding/node';
import { tokenMean } from '../../../engine/ops/token-mean/node';
import { hiddenInput, modelInputs, type Tower, type TowerOptions } from '../family';
import { block, dense, norm, picturePatches, single, stagesBetween } from '../transformer/block';
import { finalNormTensors, textEmbeddingTensors } from '../transformer/tensors';
import type { SiglipConfig } from './config';
import { stageShape, towerStages } from './stages';
import { poolingTensors, textHeadTensors, visionEmbeddingTensors } from './tensors';

/**
 * Adds one tower of a model to a graph, as `SiglipModel` of Transformers computes it (Zhai et al. 2023, arXiv 2303.15343). Captions are read at
 * their last position, padding or not, and no mask hides padding: that is how the models were trained.
 */
export function siglipTower(builder: GraphBuilder, config: SiglipConfig, tower: Tower, options: TowerOptions): ValueId {
  const { batch, from = 'embeddings', to = 'features', reading = 'embedding' } = options;
  const { layers, layerNormEpsilon, attentionDropout } = config[tower];
  const runs = stagesBetween(towerStages(config, tower, reading), tower, from, to);

  let x: ValueId;
  if (from === 'embeddings') {
    x = tower === 'vision' ? visionEmbeddings(builder, config, options) : textEmbeddings(builder, config, options);
  } else {
    x = builder.input(hiddenInput(tower), 'f32', stageShape(config, tower, from, options));
  }
  const lastToken = (all: ValueId): ValueId => pool(builder, all, null, batch, 'last');
  const pools = tower === 'text' && reading === 'embedding';
  for (let layer = 0; layer < layers; layer++) {
    if (!runs(`blocks.${layer}`)) continue;
    x = block(builder, config[tower], tower, layer, x, {
      batch,
      causal: false,
      attentionDropout: options.attentionDropout ?? attentionDropout,
      pool: pools && layer === layers - 1 ? lastToken : null,
    });
  }
  if (pools && layers === 0 && runs('embeddings')) x = lastToken(x);
  if (runs('final_norm')) x = norm(builder, x, finalNormTensors(config[tower], tower), layerNormEpsilon);
  if (reading === 'patch-mean' && from !== 'features' && to === 'features') x = tokenMean(builder, x, batch);
  if (reading !== 'embedding' || !runs('head')) return x;
  const features =
    tower === 'vision' ? attentionPooling(builder, config, x, batch) : dense(builder, x, textHeadTensors(config));
  return normalize(builder, features);
}

function visionEmbeddings(builder: GraphBuilder, config: SiglipConfig, options: TowerOptions): ValueId {
  const { hiddenSize, patchSize: patch } = config.vision;
  const { patches, positions } = visionEmbeddingTensors(config);
  const pixels = picturePatches(builder, config.vision, options);
  const weight = builder.parameter([hiddenSize, 3 * patch * patch], patches.weight);
  const embedded = linear(builder, pixels, weight, { bias: single(builder, patches.bias) });
  return imageTokens(builder, embedded, null, single(builder, positions), options.batch);
}

function textEmbeddings(builder: GraphBuilder, { text }: SiglipConfig, options: TowerOptions): ValueId {
  const { batch, tokens = text.maxPositions } = options;
  const { table, positions } = textEmbeddingTensors(text, text.vocabularySize, text.maxPositions);
  const ids = builder.input(modelInputs.inputIds, 'i32', [batch, tokens]);
  return tokenEmbedding(builder, ids, single(builder, table), single(builder, positions));
}

/** One learned query attends to all patches; an MLP with a residual follows (`SiglipMultiheadAttentionPoolingHead`). */
function attentionPooling(builder: GraphBuilder, config: SiglipConfig, x: ValueId, batch: number): ValueId {
  const { hiddenSize, heads, activation, layerNormEpsilon } = config.vision;
  const { probe, query, key, value, out, norm: tensors, fc1, fc2 } = poolingTensors(config);
  const asked = dense(builder, builder.parameter([1, hiddenSize], probe), query);
  const keyValue = linear(builder, x, builder.parameter([2 * hiddenSize, hiddenSize], key.weight, value.weight), {
    bias: builder.parameter([2 * hiddenSize], key.bias, value.bias),
  });
  const attended = crossAttention(builder, asked, keyValue, { batch, heads, sharedQuery: true });
  const pooled = dense(builder, attended, out);
  const normed = norm(builder, pooled, tensors, layerNormEpsilon);
  return dense(builder, dense(builder, normed, fc1, { activation }), fc2, { residual: pooled });
}
