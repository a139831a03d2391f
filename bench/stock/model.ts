import * as tf from '@tensorflow/tfjs-core';
import { symmetricLoss } from '../../src/engine/ops/contrastive-loss/bench';
import { normalized } from '../../src/engine/ops/normalize/bench';
import { usualNormalization, type Batch } from '../models';
import type { ClipConfig } from '../../src/model/families/clip/config';
import type { Tower } from '../../src/model/families/family';
import type { TowerConfig } from '../../src/model/families/transformer/config';

/** Parameters by checkpoint name. */
export type Variables = ReadonlyMap<string, tf.Variable>;

/** What a step reads: patches are cut and normalised beforehand, so that the stock model is not charged for it. */
export interface StockBatch {
  readonly size: number;
  /** `[size * patches, 3 * patch²]` */
  readonly patches: tf.Tensor2D;
  /** `[size * tokens]` */
  readonly ids: tf.Tensor1D;
  /** Rows of the pooled tokens in `[size * tokens]`. */
  readonly ends: tf.Tensor1D;
}

/** Moves a batch to the current backend. */
export function stockBatch(config: ClipConfig, batch: Batch): StockBatch {
  const { maxPositions } = config.text;
  return {
    size: batch.size,
    patches: stockPatches(config.vision, batch.size, batch.pixels),
    ids: tf.tensor1d(batch.ids, 'int32'),
    ends: tf.tensor1d(
      batch.ends.map((end, row) => row * maxPositions + end),
      'int32',
    ),
  };
}

/** Normalised patches of pictures, `[size * patches, 3 * patch²]`. */
export function stockPatches(
  { imageSize, patchSize }: Pick<ClipConfig['vision'], 'imageSize' | 'patchSize'>,
  size: number,
  pixels: Uint8Array,
): tf.Tensor2D {
  const side = Math.floor(imageSize / patchSize);
  const { mean, std } = usualNormalization;
  const width = 3 * patchSize ** 2;
  const patches = new Float32Array(size * side * side * width);
  let to = 0;
  for (let image = 0; image < size; image++) {
    for (let patch = 0; patch < side * side; patch++) {
      for (let channel = 0; channel < 3; channel++) {
        for (let y = 0; y < patchSize; y++) {
          for (let x = 0; x < patchSize; x++) {
            const row = Math.floor(patch / side) * patchSize + y;
            const column = (patch % side) * patchSize + x;
            const pixel = pixels[((image * side * patchSize + row) * side * patchSize + column) * 3 + channel] ?? 0;
            patches[to++] = (pixel / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
          }
        }
      }
    }
  }
  return tf.tensor2d(patches, [size * side * side, width]);
}

/**
 * CLIP's contrastive loss written op by op as in Transformers, on the public operations of TensorFlow.js and its tape. Every token goes
 * through every layer.
 */
export function stockLoss(config: ClipConfig, variables: Variables, batch: StockBatch): tf.Scalar {
  const at = valuesOf(variables);
  const image = normalized(tf.matMul(pooledPicture(config, at, batch), at('visual_projection.weight'), false, true));
  return symmetricLoss(image, textFeatures(config, at, batch), at('logit_scale'));
}

/** Values of the model by checkpoint name. */
export type At = (name: string) => tf.Tensor;

/** Reads variables by name. */
export function valuesOf(variables: Variables): At {
  return (name) => {
    const variable = variables.get(name);
    if (variable === undefined) throw new Error(`The stock model lacks ${name}.`);
    return variable;
  };
}

/** Features of the captions, `[size, projection]`, of length 1. */
export function textFeatures(config: ClipConfig, at: At, batch: StockBatch): tf.Tensor2D {
  return normalized(tf.matMul(textTower(config, at, batch), at('text_projection.weight'), false, true));
}

/** Mean of the last states of the patches, `[size, width]`, as Transformers' image classifiers read them. */
export function meanOfPatches(config: ClipConfig, at: At, batch: StockBatch): tf.Tensor2D {
  return tf.mean(tf.slice(visionTokens(config, at, batch), [0, 1, 0]), 1);
}

function pooledPicture(config: ClipConfig, at: At, batch: StockBatch): tf.Tensor2D {
  const { vision } = config;
  const tokens = visionTokens(config, at, batch);
  const pooled = tf.reshape(tf.slice(tokens, [0, 0, 0], [batch.size, 1, vision.hiddenSize]), [batch.size, -1]);
  return layerNorm(pooled, at, 'vision_model.post_layernorm', vision) as tf.Tensor2D;
}

/** Last states of the class token and the patches, `[size, tokens, width]`. */
function visionTokens(config: ClipConfig, at: At, { size, patches }: StockBatch): tf.Tensor3D {
  const { vision } = config;
  const width = vision.hiddenSize;
  const weight = tf.reshape(at('vision_model.embeddings.patch_embedding.weight'), [width, 3 * vision.patchSize ** 2]);
  const embedded = tf.reshape(tf.matMul(patches, weight as tf.Tensor2D, false, true), [size, -1, width]);
  const first = tf.tile(tf.reshape(at('vision_model.embeddings.class_embedding'), [1, 1, width]), [size, 1, 1]);
  const tokens = tf.add(tf.concat([first, embedded], 1), at('vision_model.embeddings.position_embedding.weight'));
  const count = tokens.shape[1] ?? 0;
  let x = layerNorm(tf.reshape(tokens, [size * count, width]), at, 'vision_model.pre_layrnorm', vision);
  for (let layer = 0; layer < vision.layers; layer++) x = block(vision, 'vision', layer, x, at, size, null);
  return tf.reshape(x, [size, count, width]);
}

function textTower(config: ClipConfig, at: At, { size, ids, ends }: StockBatch): tf.Tensor2D {
  const { text } = config;
  const { hiddenSize: width, maxPositions: count } = text;
  const words = gatherRows(at('text_model.embeddings.token_embedding.weight') as tf.Tensor2D, ids);
  const tokens = tf.add(tf.reshape(words, [size, count, width]), at('text_model.embeddings.position_embedding.weight'));
  const mask = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([count, count]), -1, 0)), -1e9);
  let x = tf.reshape(tokens, [size * count, width]);
  for (let layer = 0; layer < text.layers; layer++) x = block(text, 'text', layer, x, at, size, mask);
  const normed = layerNorm(x, at, 'text_model.final_layer_norm', text);
  return gatherRows(normed as tf.Tensor2D, ends);
}

/** Gather with a gradient of its own on the WASM backend, which lacks the one that TensorFlow.js names. */
export function gatherRows(table: tf.Tensor2D, rows: tf.Tensor1D): tf.Tensor2D {
  if (tf.getBackend() !== 'wasm') return tf.gather(table, rows);
  const withGradient = tf.customGrad((matrix) => {
    const source = matrix as tf.Tensor2D;
    return {
      value: tf.gather(source, rows),
      gradFunc: (dy) => tf.scatterND(tf.expandDims(rows, 1), dy, source.shape),
    };
  });
  return withGradient(table) as tf.Tensor2D;
}

/** Normalises rows, and scales and shifts them. */
export function layerNorm(
  x: tf.Tensor,
  at: At,
  name: string,
  { layerNormEpsilon }: Pick<TowerConfig, 'layerNormEpsilon'>,
): tf.Tensor {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  const normal = tf.mul(centred, tf.rsqrt(tf.add(variance, layerNormEpsilon)));
  return tf.add(tf.mul(normal, at(`${name}.weight`)), at(`${name}.bias`));
}

/** Rows times the transposed weight, plus the bias. */
export function linear(x: tf.Tensor, at: At, name: string): tf.Tensor {
  return tf.add(tf.matMul(x as tf.Tensor2D, at(`${name}.weight`) as tf.Tensor2D, false, true), at(`${name}.bias`));
}

export function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(tf.mul(x, 0.5), tf.add(1, tf.erf(tf.div(x, Math.SQRT2))));
}

/** Softmax attention of `size` sequences, all `[size * tokens, width]`; the mask is added to the scores. */
export function attend(given: {
  readonly query: tf.Tensor;
  readonly key: tf.Tensor;
  readonly value: tf.Tensor;
  readonly size: number;
  readonly heads: number;
  readonly mask: tf.Tensor | null;
}): tf.Tensor {
  const { size, heads, mask } = given;
  const [, width = 0] = given.query.shape;
  const headSize = width / heads;
  const [query, key, value] = [given.query, given.key, given.value].map((rows) =>
    tf.transpose(tf.reshape(rows, [size, -1, heads, headSize]), [0, 2, 1, 3]),
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const scores = tf.mul(tf.matMul(query, key, false, true), headSize ** -0.5);
  const weights = tf.softmax(mask === null ? scores : tf.add(scores, mask));
  return tf.reshape(tf.transpose(tf.matMul(weights, value), [0, 2, 1, 3]), [-1, width]);
}

function block(
  tower: TowerConfig,
  name: Tower,
  layer: number,
  x: tf.Tensor,
  at: At,
  size: number,
  mask: tf.Tensor | null,
): tf.Tensor {
  const { heads, activation } = tower;
  const prefix = `${name}_model.encoder.layers.${layer}`;
  const normed = layerNorm(x, at, `${prefix}.layer_norm1`, tower);
  const [query, key, value] = (['q', 'k', 'v'] as const).map((part) =>
    linear(normed, at, `${prefix}.self_attn.${part}_proj`),
  ) as [tf.Tensor, tf.Tensor, tf.Tensor];
  const attended = attend({ query, key, value, size, heads, mask });
  const middle = tf.add(x, linear(attended, at, `${prefix}.self_attn.out_proj`));
  const hidden = linear(layerNorm(middle, at, `${prefix}.layer_norm2`, tower), at, `${prefix}.mlp.fc1`);
  const activated = activation === 'quick_gelu' ? tf.mul(hidden, tf.sigmoid(tf.mul(hidden, 1.702))) : gelu(hidden);
  return tf.add(middle, linear(activated, at, `${prefix}.mlp.fc2`));
}
