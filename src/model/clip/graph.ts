import { GraphBuilder } from '../../engine/graph/builder';
import { attention } from '../../engine/ops/attention/node';
import { contrastiveLoss } from '../../engine/ops/contrastive-loss/node';
import { imageTokens } from '../../engine/ops/image-tokens/node';
import { layerNorm } from '../../engine/ops/layer-norm/node';
import { linear, type Activation } from '../../engine/ops/linear/node';
import { normalize } from '../../engine/ops/normalize/node';
import { patchify } from '../../engine/ops/patchify/node';
import { pool } from '../../engine/ops/pool/node';
import { tokenEmbedding } from '../../engine/ops/token-embedding/node';
import type { Graph, ParameterPart, ParameterSpec, ValueId } from '../../engine/graph/ir';
import type { PixelNormalization } from '../../engine/ops/patchify/node';
import { viewLength } from '../../engine/view';
import type { ClipConfig } from './config';
import { hiddenShape, imageTokenCount, pixelSide, stageIndex, type Stage, type Tower } from './stages';
import {
  blockTensors,
  finalNormTensors,
  logitScaleTensor,
  projectionTensor,
  textEmbeddingTensors,
  visionEmbeddingTensors,
  type Affine,
} from './tensors';

/** Names of the graph inputs. */
export const CLIP_INPUTS = {
  /** u8 `[batch, side, side, 3]`, side = `pixelSide(config)`, or that of the squares that random views show parts of. */
  pixels: 'pixels',
  /** f32 `[batch, 8]`: the views of the pictures, packed, where the graph draws views. */
  views: 'views',
  /** i32 `[batch, tokens]`. */
  inputIds: 'input_ids',
  /** i32 `[batch]`: the token that stands for the caption, see `endOfTextIndices`. */
  eosIndex: 'eos_index',
  /** f32, what enters the first computed stage of the vision tower when it is not `embeddings`: see `hiddenShape`. */
  imageHidden: 'image_hidden',
  /** f32, the same for the text tower. */
  textHidden: 'text_hidden',
  /** i32 `[batch]`: equal for samples that show the same picture, negative for padding. */
  imageKeys: 'image_keys',
  /** i32 `[batch]`: equal for samples that carry the same caption. */
  textKeys: 'text_keys',
} as const;

/** Output of `clipTowerGraph`, f32: what enters stage `to`. */
export const TOWER_OUTPUT = 'output';

/** Output of `clipTrainingGraph`, f32 scalar. */
export const LOSS_OUTPUT = 'loss';

export type { PixelNormalization };

export interface TowerOptions {
  readonly batch: number;
  /** First stage that is computed; above `embeddings` the graph reads `image_hidden` or `text_hidden`. */
  readonly from?: Stage;
  /** First stage that is not computed; `features` computes the whole tower. */
  readonly to?: Stage;
  /** Caption length of the batch, at most `config.text.maxPositions`. Vision towers ignore it. */
  readonly tokens?: number;
  /** Needed where the vision tower starts at `embeddings`. */
  readonly normalization?: PixelNormalization;
  /** Side of square pictures of which the graph draws views, the input `views`; absent: pictures come as the model takes them. */
  readonly squareSide?: number | undefined;
  /** Probability that an attention weight is dropped while training. */
  readonly attentionDropout?: number;
}

/**
 * One tower of the model from one stage up to another, as `CLIPModel` of Transformers computes it (Radford et al. 2021,
 * arXiv 2103.00020). Its output, `TOWER_OUTPUT`, can be fed to a graph that starts at `to`.
 */
export function clipTowerGraph(config: ClipConfig, tower: Tower, options: TowerOptions): Graph {
  const builder = new GraphBuilder();
  return builder.build({ [TOWER_OUTPUT]: buildTower(builder, config, tower, options) });
}

/** L2-normalised image features `[batch, projection]` under `TOWER_OUTPUT`. */
export function clipImageFeatures(config: ClipConfig, options: Omit<TowerOptions, 'to' | 'tokens'>): Graph {
  return clipTowerGraph(config, 'vision', { ...options, to: 'features' });
}

/** L2-normalised text features `[batch, projection]` under `TOWER_OUTPUT`. */
export function clipTextFeatures(config: ClipConfig, options: Omit<TowerOptions, 'to' | 'normalization'>): Graph {
  return clipTowerGraph(config, 'text', { ...options, to: 'features' });
}

export interface ClipTrainingOptions {
  readonly batch: number;
  /** Caption length of the batch. */
  readonly tokens: number;
  /** First computed stage of each tower; what lies below is fed in as `image_hidden`, `text_hidden`. */
  readonly imageFrom?: Stage;
  readonly textFrom?: Stage;
  readonly normalization?: PixelNormalization;
  /** As in `TowerOptions`. */
  readonly squareSide?: number | undefined;
  /** As in `torch.nn.CrossEntropyLoss`, 0…<1. */
  readonly labelSmoothing?: number;
  readonly attentionDropout?: number;
}

/** Both towers and the symmetric contrastive loss, `LOSS_OUTPUT`. Serves training and, compiled for inference, the validation loss. */
export function clipTrainingGraph(config: ClipConfig, options: ClipTrainingOptions): Graph {
  const builder = new GraphBuilder();
  const { batch, imageFrom = 'embeddings', textFrom = 'embeddings', labelSmoothing = 0 } = options;
  const image = buildTower(builder, config, 'vision', { ...options, from: imageFrom });
  const text = buildTower(builder, config, 'text', { ...options, from: textFrom });
  const loss = contrastiveLoss(builder, image, text, builder.parameter([], logitScaleTensor()), {
    imageKeys: builder.input(CLIP_INPUTS.imageKeys, 'i32', [batch]),
    textKeys: builder.input(CLIP_INPUTS.textKeys, 'i32', [batch]),
    labelSmoothing,
  });
  return builder.build({ [LOSS_OUTPUT]: loss });
}

/** Every parameter of the model, for `Executor.createStore`. */
export function clipParameters(config: ClipConfig): readonly ParameterSpec[] {
  const normalization: PixelNormalization = { mean: [0, 0, 0], std: [1, 1, 1] };
  return clipTrainingGraph(config, { batch: 1, tokens: config.text.maxPositions, normalization }).parameters;
}

function buildTower(builder: GraphBuilder, config: ClipConfig, tower: Tower, options: TowerOptions): ValueId {
  const { batch, from = 'embeddings', to = 'features', attentionDropout = config[tower].attentionDropout } = options;
  const tokens = tower === 'vision' ? imageTokenCount(config) : (options.tokens ?? config.text.maxPositions);
  const first = stageIndex(config, tower, from);
  const end = stageIndex(config, tower, to);
  if (first > end) throw new Error(`The ${tower} tower cannot run from "${from}" back to "${to}".`);
  const runs = (stage: Stage): boolean => {
    const index = stageIndex(config, tower, stage);
    return first <= index && index < end;
  };

  let x: ValueId;
  if (from === 'embeddings') {
    if (to === 'embeddings') throw new Error(`The ${tower} tower was asked to compute nothing.`);
    x =
      tower === 'vision' ? visionEmbeddings(builder, config, options) : textEmbeddings(builder, config, batch, tokens);
  } else {
    const name = tower === 'vision' ? CLIP_INPUTS.imageHidden : CLIP_INPUTS.textHidden;
    x = builder.input(name, 'f32', hiddenShape(config, tower, from, batch, tokens));
  }
  const { layers, layerNormEpsilon } = config[tower];
  const poolIndex = (): ValueId | null =>
    tower === 'vision' ? null : builder.input(CLIP_INPUTS.eosIndex, 'i32', [batch]);
  for (let layer = 0; layer < layers; layer++) {
    if (!runs(`blocks.${layer}`)) continue;
    const pooled = layer === layers - 1 ? { index: poolIndex() } : null;
    x = block(builder, config, tower, layer, x, { batch, attentionDropout, pooled });
  }
  if (layers === 0 && runs('embeddings')) x = pool(builder, x, poolIndex(), batch);
  if (runs('final_norm')) x = norm(builder, x, finalNormTensors(config, tower), layerNormEpsilon);
  if (runs('projection')) {
    const weight = projectionTensor(config, tower);
    x = normalize(builder, linear(builder, x, builder.parameter(weight.shape, weight)));
  }
  return x;
}

function visionEmbeddings(builder: GraphBuilder, config: ClipConfig, options: TowerOptions): ValueId {
  const { batch, normalization, squareSide } = options;
  if (normalization === undefined) throw new Error('The vision tower needs the mean and std of its pixels.');
  const { hiddenSize, patchSize: patch, layerNormEpsilon } = config.vision;
  const tensors = visionEmbeddingTensors(config);
  const size = pixelSide(config);
  const side = squareSide ?? size;
  const pixels = builder.input(CLIP_INPUTS.pixels, 'u8', [batch, side, side, 3]);
  const drawn =
    squareSide === undefined
      ? undefined
      : { views: builder.input(CLIP_INPUTS.views, 'f32', [batch, viewLength]), size };
  const weight = builder.parameter([hiddenSize, 3 * patch * patch], tensors.patches);
  const patches = linear(builder, patchify(builder, pixels, { patch, ...normalization, drawn }), weight);
  const x = imageTokens(
    builder,
    patches,
    single(builder, tensors.classEmbedding),
    single(builder, tensors.positions),
    batch,
  );
  return norm(builder, x, tensors.norm, layerNormEpsilon);
}

function textEmbeddings(builder: GraphBuilder, config: ClipConfig, batch: number, tokens: number): ValueId {
  const { table, positions } = textEmbeddingTensors(config);
  const ids = builder.input(CLIP_INPUTS.inputIds, 'i32', [batch, tokens]);
  return tokenEmbedding(builder, ids, single(builder, table), single(builder, positions));
}

interface BlockOptions {
  readonly batch: number;
  readonly attentionDropout: number;
  /** In the last block, the token to go on with. Everything after its attention is per token, so the others can be left out. */
  readonly pooled: { readonly index: ValueId | null } | null;
}

/** Pre-norm transformer block: `x + out(attention(norm1(x)))`, then `x + fc2(activation(fc1(norm2(x))))`. */
function block(
  builder: GraphBuilder,
  config: ClipConfig,
  tower: Tower,
  layer: number,
  x: ValueId,
  options: BlockOptions,
): ValueId {
  const { hiddenSize, heads, activation, layerNormEpsilon } = config[tower];
  const { batch, attentionDropout, pooled } = options;
  const tensors = blockTensors(config, tower, layer);
  const parts = [tensors.query, tensors.key, tensors.value];
  const qkv = linear(
    builder,
    norm(builder, x, tensors.norm1, layerNormEpsilon),
    builder.parameter([3 * hiddenSize, hiddenSize], ...parts.map(({ weight }) => weight)),
    { bias: builder.parameter([3 * hiddenSize], ...parts.map(({ bias }) => bias)) },
  );
  let attended = attention(builder, qkv, { batch, heads, causal: tower === 'text', dropout: attentionDropout });
  let residual = x;
  if (pooled !== null) {
    attended = pool(builder, attended, pooled.index, batch);
    residual = pool(builder, residual, pooled.index, batch);
  }
  const middle = dense(builder, attended, tensors.out, { residual });
  const normed = norm(builder, middle, tensors.norm2, layerNormEpsilon);
  return dense(builder, dense(builder, normed, tensors.fc1, { activation }), tensors.fc2, { residual: middle });
}

function single(builder: GraphBuilder, part: ParameterPart): ValueId {
  return builder.parameter(part.shape, part);
}

function norm(builder: GraphBuilder, x: ValueId, { weight, bias }: Affine, epsilon: number): ValueId {
  return layerNorm(builder, x, single(builder, weight), single(builder, bias), epsilon);
}

function dense(
  builder: GraphBuilder,
  x: ValueId,
  { weight, bias }: Affine,
  options: { residual?: ValueId; activation?: Activation },
): ValueId {
  return linear(builder, x, single(builder, weight), { ...options, bias: single(builder, bias) });
}
