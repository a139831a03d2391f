import type { GraphBuilder } from '../../../engine/graph/builder';
import type { ValueId } from '../../../engine/graph/value';
import { imageTokens } from '../../../engine/ops/image-tokens/node';
import { linear } from '../../../engine/ops/linear/node';
import { normalize } from '../../../engine/ops/normalize/node';
import { pool } from '../../../engine/ops/pool/node';
import { tokenEmbedding } from '../../../engine/ops/token-embedding/node';
import { tokenMean } from '../../../engine/ops/token-mean/node';
import { hiddenInput, modelInputs, type Tower, type TowerOptions } from '../family';
import { block, norm, picturePatches, single, stagesBetween } from '../transformer/block';
import { finalNormTensors, textEmbeddingTensors } from '../transformer/tensors';
import type { ClipConfig } from './config';
import { stageShape, towerStages } from './stages';
import { projectionTensor, visionEmbeddingTensors } from './tensors';

/** Tokens in front of the patches of a picture. */
const classTokens = 1;

/** Adds one tower of a model to a graph, as `CLIPModel` of Transformers computes it (Radford et al. 2021, arXiv 2103.00020). */
export function clipTower(builder: GraphBuilder, config: ClipConfig, tower: Tower, options: TowerOptions): ValueId {
  const { batch, from = 'embeddings', to = 'features', reading = 'embedding' } = options;
  const { layers, layerNormEpsilon, attentionDropout } = config[tower];
  const runs = stagesBetween(towerStages(config, tower, reading), tower, from, to);

  let x: ValueId;
  if (from === 'embeddings') {
    x = tower === 'vision' ? visionEmbeddings(builder, config, options) : textEmbeddings(builder, config, options);
  } else {
    x = builder.input(hiddenInput(tower), 'f32', stageShape(config, tower, from, options));
  }
  const pooling = (): ((x: ValueId) => ValueId) => {
    const index = tower === 'vision' ? null : builder.input(modelInputs.poolIndex, 'i32', [batch]);
    return (all) => pool(builder, all, index, batch);
  };
  for (let layer = 0; layer < layers; layer++) {
    if (!runs(`blocks.${layer}`)) continue;
    x = block(builder, config[tower], tower, layer, x, {
      batch,
      causal: tower === 'text',
      attentionDropout: options.attentionDropout ?? attentionDropout,
      pool: reading === 'embedding' && layer === layers - 1 ? pooling() : null,
    });
  }
  if (reading === 'patch-mean' && from !== 'features' && to === 'features')
    x = tokenMean(builder, x, batch, classTokens);
  if (reading !== 'embedding') return x;
  if (layers === 0 && runs('embeddings')) x = pooling()(x);
  if (runs('final_norm')) x = norm(builder, x, finalNormTensors(config[tower], tower), layerNormEpsilon);
  if (runs('projection')) x = normalize(builder, linear(builder, x, single(builder, projectionTensor(config, tower))));
  return x;
}

function visionEmbeddings(builder: GraphBuilder, config: ClipConfig, options: TowerOptions): ValueId {
  const { hiddenSize, patchSize: patch, layerNormEpsilon } = config.vision;
  const tensors = visionEmbeddingTensors(config);
  const pixels = picturePatches(builder, config.vision, options);
  const weight = builder.parameter([hiddenSize, 3 * patch * patch], tensors.patches);
  const patches = linear(builder, pixels, weight);
  const x = imageTokens(
    builder,
    patches,
    single(builder, tensors.classEmbedding),
    single(builder, tensors.positions),
    options.batch,
  );
  return norm(builder, x, tensors.norm, layerNormEpsilon);
}

function textEmbeddings(builder: GraphBuilder, { text }: ClipConfig, options: TowerOptions): ValueId {
  const { batch, tokens = text.maxPositions } = options;
  const { table, positions } = textEmbeddingTensors(text, text.vocabularySize, text.maxPositions);
  const ids = builder.input(modelInputs.inputIds, 'i32', [batch, tokens]);
  return tokenEmbedding(builder, ids, single(builder, table), single(builder, positions));
}
