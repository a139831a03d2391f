import * as tf from '@tensorflow/tfjs-core';
import type { InputData } from '../../src/engine/executor';
import type { BlipConfig } from '../../src/model/families/blip/config';
import { modelInputs } from '../../src/model/families/family';
import { generatorInputs } from '../../src/model/generator-graph';
import { attend, gatherRows, gelu, layerNorm, linear, stockPatches, valuesOf, type At, type Variables } from './model';

/** BLIP written op by op as in Transformers, on the public operations of TensorFlow.js and its tape. */

export interface WordBatch {
  readonly size: number;
  /** `[size * patches, 3 * patch²]` */
  readonly patches: tf.Tensor2D;
  /** What the decoder reads, `[size * tokens]`, and what it is to write; negative where nothing is wanted. */
  readonly ids: tf.Tensor1D;
  readonly targets: Int32Array;
  /** Questions, `[size * tokens]`, with the tokens of each that are no padding; null where nothing is asked. */
  readonly question: { readonly ids: tf.Tensor1D; readonly lengths: Int32Array } | null;
  readonly labelSmoothing: number;
}

/** Moves the inputs of the graph to the current backend. */
export function stockWords(
  config: BlipConfig,
  size: number,
  inputs: InputData,
): Pick<WordBatch, 'size' | 'patches' | 'ids' | 'targets' | 'question'> {
  const read = (name: string): Int32Array => Int32Array.from(inputs[name] ?? []);
  const asked = read(generatorInputs.questionIds);
  return {
    size,
    patches: stockPatches(config.vision, size, Uint8Array.from(inputs[modelInputs.pixels] ?? [])),
    ids: tf.tensor1d(read(generatorInputs.ids), 'int32'),
    targets: read(generatorInputs.targets),
    question:
      asked.length === 0 ? null : { ids: tf.tensor1d(asked, 'int32'), lengths: read(generatorInputs.questionLengths) },
  };
}

/** Mean cross-entropy of the words that are wanted. */
export function stockWordLoss(config: BlipConfig, variables: Variables, batch: WordBatch): tf.Scalar {
  const at = valuesOf(variables);
  const { size, ids, targets, question, labelSmoothing } = batch;
  const tokens = ids.size / size;
  const seen = visionTokens(config, at, batch);
  const causal = tf.mul(tf.sub(1, tf.linalg.bandPart(tf.ones([tokens, tokens]), -1, 0)), -1e9);
  let encoded: { readonly x: tf.Tensor; readonly mask: tf.Tensor | null } = { x: seen, mask: null };
  if (question !== null) {
    const mask = paddingMask(question.lengths, question.ids.size / size);
    encoded = { x: textModel(config, at, 'text_encoder', question.ids, size, mask, { x: seen, mask: null }), mask };
  }
  const written = textModel(config, at, 'text_decoder.bert', ids, size, causal, encoded);
  const predictions = 'text_decoder.cls.predictions';
  const turned = gelu(linear(written, at, `${predictions}.transform.dense`));
  const normed = layerNorm(turned, at, `${predictions}.transform.LayerNorm`, config.text) as tf.Tensor2D;
  const table = at('text_decoder.bert.embeddings.word_embeddings.weight') as tf.Tensor2D;
  const logits = tf.add(tf.matMul(normed, table, false, true), at(`${predictions}.bias`));
  const { vocabularySize } = config.text;
  const hot = tf.oneHot(
    tf.tensor1d(
      targets.map((target) => Math.max(0, target)),
      'int32',
    ),
    vocabularySize,
  );
  const wanted = tf.add(tf.mul(hot, 1 - labelSmoothing), labelSmoothing / vocabularySize);
  const counted = Float32Array.from(targets, (target) => (target < 0 ? 0 : 1));
  const losses = tf.mul(tf.sum(tf.mul(tf.logSoftmax(logits), wanted), 1), tf.tensor1d(counted));
  return tf.neg(tf.div(tf.sum(losses), tf.sum(tf.tensor1d(counted))));
}

/** Added to scores, `[size, 1, 1, tokens]`. */
function paddingMask(lengths: ArrayLike<number>, tokens: number): tf.Tensor {
  const size = lengths.length;
  const values = Float32Array.from({ length: size * tokens }, (_, i) =>
    i % tokens < (lengths[Math.floor(i / tokens)] ?? 0) ? 0 : -1e9,
  );
  return tf.tensor4d(values, [size, 1, 1, tokens]);
}

/** Last states of the class token and the patches, `[size * tokens, width]`. */
function visionTokens({ vision }: BlipConfig, at: At, { size, patches }: WordBatch): tf.Tensor {
  const { hiddenSize: width, patchSize, layers, heads } = vision;
  const embeddings = 'vision_model.embeddings';
  const weight = tf.reshape(at(`${embeddings}.patch_embedding.weight`), [width, 3 * patchSize ** 2]);
  const embedded = tf.add(
    tf.matMul(patches, weight as tf.Tensor2D, false, true),
    at(`${embeddings}.patch_embedding.bias`),
  );
  const first = tf.tile(tf.reshape(at(`${embeddings}.class_embedding`), [1, 1, width]), [size, 1, 1]);
  const tokens = tf.concat([first, tf.reshape(embedded, [size, -1, width])], 1);
  let x: tf.Tensor = tf.reshape(tf.add(tokens, at(`${embeddings}.position_embedding`)), [-1, width]);
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `vision_model.encoder.layers.${layer}`;
    const normed = layerNorm(x, at, `${prefix}.layer_norm1`, vision);
    const [query, key, value] = tf.split(linear(normed, at, `${prefix}.self_attn.qkv`), 3, 1) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const attended = attend({ query, key, value, size, heads, mask: null });
    const middle = tf.add(x, linear(attended, at, `${prefix}.self_attn.projection`));
    const hidden = linear(layerNorm(middle, at, `${prefix}.layer_norm2`, vision), at, `${prefix}.mlp.fc1`);
    x = tf.add(middle, linear(gelu(hidden), at, `${prefix}.mlp.fc2`));
  }
  return layerNorm(x, at, 'vision_model.post_layernorm', vision);
}

/** Embeddings and blocks of a text model, `[size * tokens, width]`. */
function textModel(
  { text }: BlipConfig,
  at: At,
  root: string,
  ids: tf.Tensor1D,
  size: number,
  mask: tf.Tensor,
  encoded: { readonly x: tf.Tensor; readonly mask: tf.Tensor | null },
): tf.Tensor {
  const { hiddenSize: width, layers, heads } = text;
  const tokens = ids.size / size;
  const words = gatherRows(at(`${root}.embeddings.word_embeddings.weight`) as tf.Tensor2D, ids);
  const positions = tf.slice(at(`${root}.embeddings.position_embeddings.weight`), [0, 0], [tokens, width]);
  const embedded = tf.reshape(tf.add(tf.reshape(words, [size, tokens, width]), positions), [-1, width]);
  let x = layerNorm(embedded, at, `${root}.embeddings.LayerNorm`, text);
  const attention = (from: tf.Tensor, to: tf.Tensor, name: string, added: tf.Tensor | null): tf.Tensor => {
    const part = (which: string, of: tf.Tensor): tf.Tensor => linear(of, at, `${name}.self.${which}`);
    const attended = attend({
      query: part('query', from),
      key: part('key', to),
      value: part('value', to),
      size,
      heads,
      mask: added,
    });
    const out = linear(attended, at, `${name}.output.dense`);
    return layerNorm(tf.add(out, from), at, `${name}.output.LayerNorm`, text);
  };
  for (let layer = 0; layer < layers; layer++) {
    const prefix = `${root}.encoder.layer.${layer}`;
    const own = attention(x, x, `${prefix}.attention`, mask);
    const both = attention(own, encoded.x, `${prefix}.crossattention`, encoded.mask);
    const wide = gelu(linear(both, at, `${prefix}.intermediate.dense`));
    x = layerNorm(tf.add(linear(wide, at, `${prefix}.output.dense`), both), at, `${prefix}.output.LayerNorm`, text);
  }
  return x;
}
