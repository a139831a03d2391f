import * as tf from '@tensorflow/tfjs-core';
import type { ClipConfig } from '../../src/model/families/clip/config';
import { layerNorm, linear, meanOfPatches, textFeatures, valuesOf, type StockBatch, type Variables } from './model';

const normEpsilon = { layerNormEpsilon: 1e-5 };

/** What comes out of a head with a hidden layer on picture and words side by side, `[size, outputs]`, op by op. */
export function stockHead(config: ClipConfig, variables: Variables, batch: StockBatch): tf.Tensor2D {
  const at = valuesOf(variables);
  const seen = layerNorm(meanOfPatches(config, at, batch), at, 'head.picture_norm', normEpsilon);
  const read = layerNorm(textFeatures(config, at, batch), at, 'head.words_norm', normEpsilon);
  const hidden = linear(tf.concat([seen, read], 1), at, 'head.dense');
  const activated = tf.mul(tf.mul(hidden, 0.5), tf.add(1, tf.erf(tf.div(hidden, Math.SQRT2))));
  return linear(activated, at, 'classifier') as tf.Tensor2D;
}
